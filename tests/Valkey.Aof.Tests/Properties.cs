// One test at a time: native memory is counted for the whole process, and the working directory is the process's.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
