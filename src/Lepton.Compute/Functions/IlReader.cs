using System.Buffers.Binary;
using System.Reflection.Emit;

namespace Lepton.Compute.Functions;

/// <summary>Cuts a method body into instructions (ECMA-335, partition III).</summary>
internal static class IlReader
{
    private const byte TwoBytePrefix = 0xfe;
    private static readonly OpCode?[] s_oneByte = Table(size: 1);
    private static readonly OpCode?[] s_twoByte = Table(size: 2);

    /// <summary>
    /// The instructions in order; null when the body holds something that is not IL as ECMA-335 has it.
    /// </summary>
    public static IlInstruction[]? Read(ReadOnlySpan<byte> body)
    {
        List<IlInstruction> instructions = [];
        int position = 0;
        while (position < body.Length)
        {
            int offset = position;
            OpCode? code = body[position] != TwoBytePrefix ? s_oneByte[body[position]]
                : position + 1 < body.Length ? s_twoByte[body[position + 1]] : null;
            if (code is not { } known)
            {
                return null;
            }

            position += known.Size;
            if (!TryReadOperand(body, ref position, known, out int operand, out int[] targets))
            {
                return null;
            }

            instructions.Add(new IlInstruction(offset, known, operand, targets));
        }

        return [.. instructions];
    }

    private static bool TryReadOperand(
        ReadOnlySpan<byte> body, ref int position, OpCode code, out int operand, out int[] targets)
    {
        targets = [];
        operand = 0;
        int size = OperandBytes(code.OperandType);
        if (position + size > body.Length)
        {
            return false;
        }

        ReadOnlySpan<byte> bytes = body.Slice(position, size);
        position += size;
        switch (code.OperandType)
        {
            case OperandType.ShortInlineBrTarget:
                operand = position + (sbyte)bytes[0];
                return true;
            case OperandType.InlineBrTarget:
                operand = position + BinaryPrimitives.ReadInt32LittleEndian(bytes);
                return true;
            case OperandType.InlineSwitch:
                return TryReadSwitch(body, ref position, BinaryPrimitives.ReadInt32LittleEndian(bytes), out targets);
            default:
                // Eight-byte constants are never looked at; their low half will do.
                operand = size switch
                {
                    0 => 0,
                    1 => bytes[0],
                    2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
                    _ => BinaryPrimitives.ReadInt32LittleEndian(bytes),
                };
                return true;
        }
    }

    private static bool TryReadSwitch(ReadOnlySpan<byte> body, ref int position, int count, out int[] targets)
    {
        targets = [];
        if (count < 0 || (long)position + (4L * count) > body.Length)
        {
            return false;
        }

        int next = position + (4 * count);
        targets = new int[count];
        for (int i = 0; i < count; i++)
        {
            targets[i] = next + BinaryPrimitives.ReadInt32LittleEndian(body[(position + (4 * i))..]);
        }

        position = next;
        return true;
    }

    private static int OperandBytes(OperandType type) => type switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };

    private static OpCode?[] Table(int size)
    {
        OpCode?[] table = new OpCode?[256];
        foreach (System.Reflection.FieldInfo field in typeof(OpCodes).GetFields())
        {
            if (field.GetValue(null) is OpCode code && code.Size == size)
            {
                table[(byte)code.Value] = code;
            }
        }

        return table;
    }
}
