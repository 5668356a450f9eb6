using System.Reflection.Emit;

namespace Lepton.Compute.Functions;

/// <summary>One instruction of a method body.</summary>
/// <param name="Offset">Byte offset within the body.</param>
/// <param name="Code">The operation.</param>
/// <param name="Operand">
/// A metadata token, a variable's index, a constant, or the target's offset of a branch; zero where there is none.
/// </param>
/// <param name="Targets">Offsets that a switch may jump to; empty for all others.</param>
internal readonly record struct IlInstruction(int Offset, OpCode Code, int Operand, int[] Targets);
