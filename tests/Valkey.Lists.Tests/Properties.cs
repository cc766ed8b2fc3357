// One test at a time: native memory is counted for the whole process.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
