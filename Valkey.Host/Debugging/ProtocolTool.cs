// DEBUG PROTOCOL: one reply of each type, for the tests of client libraries.

using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Debugging;

internal static class ProtocolTool
{
    public static void Run(HostContext context)
    {
        ReplyWriter reply = context.Reply;
        if (context.ArgumentIs(2, "string"u8)) reply.Bulk("Hello World"u8);
        else if (context.ArgumentIs(2, "integer"u8)) reply.Integer(12345);
        else if (context.ArgumentIs(2, "double"u8)) reply.Double(3.141);
        else if (context.ArgumentIs(2, "bignum"u8)) reply.BigNumber("1234567999999999999999999999999999999"u8);
        else if (context.ArgumentIs(2, "null"u8)) reply.Null();
        else if (context.ArgumentIs(2, "verbatim"u8)) reply.Verbatim("txt"u8, "This is a verbatim\nstring"u8);
        else if (context.ArgumentIs(2, "true"u8)) reply.Boolean(true);
        else if (context.ArgumentIs(2, "false"u8)) reply.Boolean(false);
        else if (!RunAggregate(context, reply))
            reply.Error(
                "ERR Wrong protocol type name. Please use one of the following: "
                + "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false");
    }

    private static bool RunAggregate(HostContext context, ReplyWriter reply)
    {
        if (context.ArgumentIs(2, "array"u8))
        {
            reply.ArrayHeader(3);
            for (int i = 0; i < 3; i++) reply.Integer(i);
        }
        else if (context.ArgumentIs(2, "set"u8))
        {
            reply.SetHeader(3);
            for (int i = 0; i < 3; i++) reply.Integer(i);
        }
        else if (context.ArgumentIs(2, "map"u8))
        {
            reply.MapHeader(3);
            for (int i = 0; i < 3; i++)
            {
                reply.Integer(i);
                reply.Boolean(i == 1);
            }
        }
        else if (context.ArgumentIs(2, "attrib"u8)) Attribute(reply);
        else if (context.ArgumentIs(2, "push"u8)) Push(reply);
        else return false;
        return true;
    }

    private static void Attribute(ReplyWriter reply)
    {
        if (reply.ProtocolVersion >= 3)
        {
            reply.AttributeHeader(1);
            reply.Bulk("key-popularity"u8);
            reply.ArrayHeader(2);
            reply.Bulk("key:123"u8);
            reply.Integer(90);
        }

        reply.Bulk("Some real reply following the attribute"u8);
    }

    private static void Push(ReplyWriter reply)
    {
        if (reply.ProtocolVersion < 3)
        {
            reply.Error("ERR RESP2 is not supported by this command"u8);
            return;
        }

        reply.PushHeader(2);
        reply.Bulk("server-cpu-usage"u8);
        reply.Integer(42);
        reply.Bulk("Some real reply following the push reply"u8);
    }
}
