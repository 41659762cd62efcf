package source

// What the runtime tells about records that it does not let the engine decide on.
const (
	RecordAhead       Code = "T0655" // imported, and later than the machine's clock
	RecordQuarantined Code = "T0656" // deciding on it broke the engine
)

// runtimeCodes are the rows of what the runtime tells about records.
func runtimeCodes() []Entry {
	return []Entry{
		{RecordAhead, Error,
			"this record was received at {0}, later than this machine's clock; --virtual takes it",
			"此记录的接收时间 {0} 晚于本机时钟；加 --virtual 可接收"},
		{RecordQuarantined, Error,
			"the engine broke on this record, which is kept and counts for nothing: report it",
			"处理此记录时引擎出错，记录已保留但不计入，请报告此问题"},
	}
}
