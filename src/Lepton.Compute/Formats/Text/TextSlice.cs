using System.Runtime.InteropServices;

namespace Lepton.Compute.Formats;

/// <summary>Where a text lies in a chunk: its first byte, and the one behind its last.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TextSlice(int Start, int End);
