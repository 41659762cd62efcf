package trial

// says are the sentences of failed tests, in one language.
type says struct {
	expectsNothing, backwards, notGiven, noFile, noFiles string
	noRecord, outcome, finding, word                     string
	value, valueMissing, sides, noSubject, and           string
	effect, noEffect, leftOver, nothingLeft, left        string
	state, unknown, because, looked, neverLooked         string
	not, withNobody, with, offeredTo, inPool             string
	states                                               map[string]string
}

func saysIn(lang string) says {
	if lang == "zh" {
		return chinese()
	}
	return english()
}

func english() says {
	return says{
		expectsNothing: "test %q expects nothing; a test needs an expect line",
		backwards:      "the test's clock cannot go back to %s, it is %s already",
		notGiven:       "%s is given but was not taken in: %s",
		noFile:         "file %s cannot be given: %s",
		noFiles:        "this test was started without files",
		noRecord:       "expected %s %s, but the test has no record %s",
		outcome:        "expected %s %s, but it is %s",
		finding:        "expected %s %s with %q, but its remarks are: %s",
		word:           "%s: no engine runs yet what `%s` looks at",
		value:          "expected %s, but it is not so",
		valueMissing:   "expected %s, but it cannot be known: a value is missing",
		sides:          "%s is %s",
		noSubject:      "expected %s, but there is no %s",
		effect:         "expected %s, but there is none",
		noEffect:       "expected no %s, but there is %s",
		leftOver:       "expected no effect, but since the last step there is: %s",
		nothingLeft:    "no effect is left since the clock was last moved",
		left:           "left since the clock was last moved: %s",
		state:          "expected %s, but it is %s",
		unknown:        "expected no unknown, but %s could not be decided",
		because:        "the cause is %s",
		looked:         "what %s sees:\n%s",
		neverLooked:    "%s did not look at it",
		not:            "not ",
		withNobody:     "nobody has %s",
		with:           "%s is with %s",
		offeredTo:      "%s is offered to %s",
		inPool:         "%s lies in the pool",
		and:            "; ",
		states: map[string]string{"open": "open", "resolved": "resolved", "withdrawn": "withdrawn",
			"enter": "a member", "leave": "not a member", "": "not open"},
	}
}

func chinese() says {
	return says{
		expectsNothing: "测试 %q 没有任何期望；至少要有一行 期望",
		backwards:      "测试的时钟不能退回到 %s，现在已是 %s",
		notGiven:       "%s 是已知条件，但没有被接受：%s",
		noFile:         "文件 %s 无法作为已知条件：%s",
		noFiles:        "这次测试没有可读的文件",
		noRecord:       "期望 %s %s，但测试里没有记录 %s",
		outcome:        "期望 %s %s，但它是 %s",
		finding:        "期望 %s %s 且备注含 %q，但它的备注是：%s",
		word:           "%s：引擎还不能运行 `%s` 所看的内容",
		value:          "期望 %s，但不成立",
		valueMissing:   "期望 %s，但无法判断：有值缺失",
		sides:          "%s 是 %s",
		noSubject:      "期望 %s，但没有 %s",
		effect:         "期望 %s，但没有",
		noEffect:       "期望没有 %s，但有 %s",
		leftOver:       "期望没有效果，但上一步之后有：%s",
		nothingLeft:    "时钟上次拨动以来没有剩下的效果",
		left:           "时钟上次拨动以来剩下：%s",
		state:          "期望 %s，但它是 %s",
		unknown:        "期望没有未知，但 %s 无法判断",
		because:        "原因是 %s",
		looked:         "%s 看到的是：\n%s",
		neverLooked:    "%s 没有看过它",
		not:            "并非 ",
		withNobody:     "%s 无人负责",
		with:           "%s 由 %s 负责",
		offeredTo:      "%s 已向 %s 发出要约",
		inPool:         "%s 在公海中",
		and:            "；",
		states: map[string]string{"open": "打开", "resolved": "已解除", "withdrawn": "已撤回",
			"enter": "成员", "leave": "不是成员", "": "未打开"},
	}
}
