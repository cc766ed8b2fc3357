// The suite of reply blocking, run for each provider that the repository has.

namespace Valkey.IntegrationTests.Durability;

/// <summary>Which replies wait, with a module's provider.</summary>
public sealed class SecondFileReplyBlockingTests(HeldServerFixture server) : ReplyBlockingTests<HeldServerFixture>(server);

/// <summary>Which replies wait, with the append-only file.</summary>
public sealed class AofReplyBlockingTests(AofHeldServerFixture server) : ReplyBlockingTests<AofHeldServerFixture>(server);

/// <summary>Clients whose replies wait, with a module's provider.</summary>
public sealed class SecondFileHeldClientsTests(HeldServerFixture server) : HeldClientsTests<HeldServerFixture>(server);

/// <summary>Clients whose replies wait, with the append-only file.</summary>
public sealed class AofHeldClientsTests(AofHeldServerFixture server) : HeldClientsTests<AofHeldServerFixture>(server);

/// <summary>Random commands and pauses, with a module's provider.</summary>
public sealed class SecondFileHoldingFuzzTests(HeldServerFixture server) : HoldingFuzzTests<HeldServerFixture>(server);

/// <summary>Random commands and pauses, with the append-only file.</summary>
public sealed class AofHoldingFuzzTests(AofHeldServerFixture server) : HoldingFuzzTests<AofHeldServerFixture>(server);
