package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store"
)

// words are an error as its reader understands it. What packages below say is English; what a
// person can do something about has a Chinese text here, with the original behind it.
func (a *app) words(err error) string {
	if a.lang != chinese {
		return err.Error()
	}
	var open *store.OpenError
	if errors.As(err, &open) {
		return openWords(open)
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Sprintf("%s：%s", path.Path, cause(path.Err))
	}
	var write *store.WriteError
	if errors.As(err, &write) {
		return fmt.Sprintf("写入 %s（seq %d 起）：%s", write.Path, write.Seq, cause(write.Why))
	}
	if errors.Is(err, runtime.ErrNoPolicy) {
		return "日志是空的，也没有给出策略"
	}
	var told interface{ In(lang string) string }
	if errors.As(err, &told) {
		return told.In(a.lang.String())
	}
	if text := packageWords(err); text != "" {
		return text
	}
	return err.Error()
}

func openWords(e *store.OpenError) string {
	text := fmt.Sprintf("打开 %s：%s", e.Path, cause(e.Why))
	if e.More != "" {
		text += "（" + strings.Replace(e.More, "process", "进程", 1) + "）"
	}
	switch {
	case errors.Is(e.Why, store.ErrInUse):
		text += "；请先结束那个进程"
	case errors.Is(e.Why, store.ErrForeign):
		text += "；请换一个文件，这个文件保持原样"
	case errors.Is(e.Why, store.ErrTruncated), errors.Is(e.Why, store.ErrDamaged):
		text += "；请从备份恢复，这个文件保持原样"
	case errors.Is(e.Why, store.ErrNotThere):
		text += "；请换一个文件，或用 thru run --db 新建"
	case errors.Is(e.Why, store.ErrReadOnly):
		text += "；请让文件及其目录可写，或换一个位置"
	}
	return text
}

// cause is why something in the world did not work.
func cause(err error) string {
	for _, c := range causes() {
		if errors.Is(err, c.err) {
			return c.text
		}
	}
	return err.Error()
}

// known is an error of the world with its Chinese text.
type known struct {
	err  error
	text string
}

func causes() []known {
	return []known{
		{store.ErrInUse, "正被另一个进程使用"},
		{store.ErrForeign, "不是 Throughline 数据库"},
		{store.ErrTruncated, "文件不完整"},
		{store.ErrDamaged, "文件已损坏"},
		{store.ErrNotThere, "没有这个文件"},
		{store.ErrReadOnly, "不可写"},
		{store.ErrFull, "磁盘已满"},
		{syscall.ENOSPC, "磁盘已满"},
		{fs.ErrNotExist, "没有这个文件或目录"},
		{fs.ErrPermission, "没有权限"},
	}
}
