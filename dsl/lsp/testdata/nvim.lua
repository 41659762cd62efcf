-- Opens a package of examples/ and does with it what a person does, through Neovim's own client.
-- It keeps to the API of Neovim 0.7, and prints what it sees.
local function say(...)
  io.stdout:write(table.concat(vim.tbl_map(tostring, { ... }), " "), "\n")
end

local function fail(what)
  say("FAILED: " .. what)
  vim.cmd("cquit 1")
end

local function wait(what, done)
  if not vim.wait(10000, done, 10) then
    fail("waited in vain for " .. what)
  end
end

local diagnosed = {}
local publish = vim.lsp.handlers["textDocument/publishDiagnostics"]
vim.lsp.handlers["textDocument/publishDiagnostics"] = function(err, result, ...)
  diagnosed[vim.uri_to_fname(result.uri)] = (diagnosed[vim.uri_to_fname(result.uri)] or 0) + 1
  return publish(err, result, ...)
end

vim.cmd("edit rules.thru")
local buf = vim.api.nvim_get_current_buf()
local id = vim.lsp.start_client({
  name = "thru",
  cmd = { "thru", "lsp" },
  root_dir = vim.fn.getcwd(),
  on_error = function(code, err)
    fail("client error " .. tostring(code) .. " " .. vim.inspect(err))
  end,
})
vim.lsp.buf_attach_client(buf, id)
local client = vim.lsp.get_client_by_id(id)
wait("the greeting", function() return client.initialized end)

-- Puts the cursor on the first place of a text, plus some bytes.
local function go(text, by)
  for n, line in ipairs(vim.api.nvim_buf_get_lines(buf, 0, -1, false)) do
    local at = line:find(text, 1, true)
    if at then
      vim.api.nvim_win_set_cursor(0, { n, at - 1 + (by or 0) })
      return n
    end
  end
  fail("no " .. text)
end

local function ask(method, params)
  local got = vim.lsp.buf_request_sync(buf, method, params or vim.lsp.util.make_position_params(), 10000)
  if not got or not got[id] then
    fail("no answer to " .. method)
  end
  if got[id].error then
    fail(method .. ": " .. got[id].error.message)
  end
  return got[id].result
end

local function seen()
  return diagnosed[vim.api.nvim_buf_get_name(buf)] or 0
end

-- Changes the buffer and waits for what the server says to it.
local function change(from, to)
  local before = seen()
  local n = go(from)
  local line = vim.api.nvim_buf_get_lines(buf, n - 1, n, false)[1]
  local at = line:find(from, 1, true)
  vim.api.nvim_buf_set_text(buf, n - 1, at - 1, n - 1, at - 1 + #from, { to })
  wait("diagnostics", function() return seen() > before end)
end

wait("the first diagnostics", function() return seen() > 0 end)
say("errors at first:", #vim.diagnostic.get(buf, { severity = vim.diagnostic.severity.ERROR }))

change("value >= 10000", "valve >= 10000")
for _, d in ipairs(vim.diagnostic.get(buf, { severity = vim.diagnostic.severity.ERROR })) do
  say("error:", d.lnum + 1, d.code or d.user_data.lsp.code, d.message)
end

go("valve")
local params = vim.lsp.util.make_range_params()
params.context = { diagnostics = vim.lsp.diagnostic.get_line_diagnostics(buf) }
local actions = ask("textDocument/codeAction", params)
say("action:", actions[1].title)
local before = seen()
vim.lsp.util.apply_workspace_edit(actions[1].edit, client.offset_encoding)
wait("diagnostics after the fix", function() return seen() > before end)
say("errors after it:", #vim.diagnostic.get(buf, { severity = vim.diagnostic.severity.ERROR }))

go("urgency = high", 2)
for _, line in ipairs(vim.split(ask("textDocument/hover").contents.value, "\n", { trimempty = true })) do
  say("hover:", line)
end

go("open_deal", 0)
local words = {}
local list = ask("textDocument/completion")
for _, item in ipairs(list.items or list) do
  words[item.label] = true
end
say("completion has:", words["open_deal"], words["value"], words["count"], words["no_such"] or false)

go("urgency = high")
vim.lsp.buf.definition()
wait("the jump", function() return vim.api.nvim_get_current_buf() ~= buf end)
say("definition:", vim.fn.fnamemodify(vim.api.nvim_buf_get_name(0), ":t"),
  vim.fn.getline("."):sub(vim.fn.col(".")):match("^%w+"))
vim.cmd("buffer " .. buf)

go("urgency = high")
say("references:", #ask("textDocument/references",
  vim.tbl_extend("force", vim.lsp.util.make_position_params(), { context = { includeDeclaration = true } })))
vim.lsp.buf.rename("pressure")
wait("the rename", function()
  return vim.api.nvim_buf_get_lines(buf, 0, -1, false)[5]:find("pressure") ~= nil
end)
say("renamed:", vim.api.nvim_buf_get_lines(buf, 4, 5, false)[1]:match("pressure = %w+"))
for _, other in ipairs(vim.api.nvim_list_bufs()) do
  for _, line in ipairs(vim.api.nvim_buf_get_lines(other, 0, -1, false)) do
    if line:find("pressure was urgency", 1, true) then
      say("in", vim.fn.fnamemodify(vim.api.nvim_buf_get_name(other), ":t"), line:match("pressure was urgency"))
    end
  end
end

change("  when value >= 10000", "when   value>=10000")
if vim.lsp.buf.format then
  vim.lsp.buf.format({ async = false })
else
  vim.lsp.buf.formatting_sync(nil, 10000)
end
say("formatted:", vim.api.nvim_buf_get_lines(buf, 3, 4, false)[1])

say("symbols:", #ask("textDocument/documentSymbol", { textDocument = vim.lsp.util.make_text_document_params() }) > 0)
client.stop()
wait("the end", function() return client.is_stopped() end)
vim.cmd("qall!")
