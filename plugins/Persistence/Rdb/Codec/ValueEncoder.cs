// One key's type code, name and value, as its type hands the parts over.
//
// The format wants the type code before the key and the type tells it first, so the key waits until then. A module's parts
// are marked with their kinds, so that they can be passed over without the module. A set's listpack becomes a plain set
// where the snapshot's version has no listpacks of sets.
// Holds always: as RdbOutput, nothing is allocated, locked or thrown.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Rdb;

internal sealed unsafe class ValueEncoder(RdbOutput output) : IValueWriter
{
    private enum Form
    {
        Plain,
        Module,
        SetListpackAsSet,
    }

    private byte* _key; // null for a value without a key, of DUMP
    private int _keyLength;
    private ulong _moduleId;
    private Form _form;

    /// <summary>Version of the format that is written.</summary>
    public int Version { get; set; }

    /// <summary>The type code of the last value.</summary>
    public byte LastTypeCode { get; private set; }

    /// <summary>Writes type code, key and value.</summary>
    public void Write(ReadOnlySpan<byte> key, DataType type, in StoredValue value)
    {
        fixed (byte* start = key)
        {
            _key = start == null ? (byte*)1 : start; // the empty key is a key too
            _keyLength = key.Length;
            Save(type, value);
        }
    }

    /// <summary>Writes type code and value.</summary>
    public void WriteValue(DataType type, in StoredValue value)
    {
        _key = null;
        Save(type, value);
    }

    /// <inheritdoc/>
    public void TypeCode(byte code)
    {
        LastTypeCode = code;
        _form = code == RdbTypeCode.Module ? Form.Module
            : code == RdbTypeCode.SetListpack && Version < RdbVersion.WithSetListpacks ? Form.SetListpackAsSet
            : Form.Plain;
        output.Byte(_form == Form.SetListpackAsSet ? RdbTypeCode.Set : code);
        if (_key != null) output.String(new ReadOnlySpan<byte>(_key, _keyLength));
        if (_form == Form.Module) output.Length(_moduleId);
    }

    /// <inheritdoc/>
    public void Length(ulong value)
    {
        if (_form == Form.Module) output.Byte(RdbModulePart.UnsignedInteger);
        output.Length(value);
    }

    /// <inheritdoc/>
    public void String(ReadOnlySpan<byte> bytes)
    {
        if (_form == Form.SetListpackAsSet)
        {
            Elements(bytes);
            return;
        }

        if (_form == Form.Module) output.Byte(RdbModulePart.String);
        output.String(bytes);
    }

    /// <inheritdoc/>
    public void IntegerString(long value)
    {
        if (_form == Form.Module) output.Byte(RdbModulePart.String);
        output.IntegerString(value);
    }

    /// <inheritdoc/>
    public void Double(double value)
    {
        if (_form == Form.Module) output.Byte(RdbModulePart.Double);
        output.UInt64(BitConverter.DoubleToUInt64Bits(value));
    }

    /// <inheritdoc/>
    public void Int64(long value)
    {
        if (_form == Form.Module) output.Operation(RdbModulePart.SignedInteger, unchecked((ulong)value));
        else output.UInt64(unchecked((ulong)value));
    }

    private void Save(DataType type, in StoredValue value)
    {
        _moduleId = type.ModuleId;
        _form = Form.Plain;
        type.Save(value, this);
        if (_form == Form.Module) output.Byte(RdbModulePart.End);
    }

    private void Elements(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            Listpack elements = new((nint)start);
            output.Length((ulong)elements.Count);
            for (int position = elements.First; position >= 0; position = elements.Next(position))
            {
                ListpackElement element = elements.At(position);
                if (element.IsInteger) output.IntegerString(element.Integer);
                else output.String(element.Bytes);
            }
        }
    }
}
