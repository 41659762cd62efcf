// The client: it starts `thru lsp` and hands it the editor's settings. All that is known of the
// language is known by the server.
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function settings() {
  return vscode.workspace.getConfiguration("throughline");
}

async function start() {
  const args = ["lsp"];
  if (settings().get("database")) {
    args.push("--db", settings().get("database"));
  }
  for (const file of settings().get("records") || []) {
    args.push("--records", file);
  }
  client = new LanguageClient(
    "throughline",
    "Throughline",
    { command: settings().get("path") || "thru", args },
    {
      documentSelector: [
        { scheme: "file", language: "thru" },
        { scheme: "file", pattern: "**/thru.toml" },
      ],
      initializationOptions: {
        language: settings().get("language"),
        rename: { was: settings().get("rename.was") },
      },
      synchronize: { configurationSection: "throughline" },
    },
  );
  try {
    await client.start();
  } catch (err) {
    const zh = vscode.env.language.toLowerCase().startsWith("zh");
    const text = zh
      ? "无法启动 thru lsp：请安装 thru，或在设置 throughline.path 中给出路径。"
      : "thru lsp does not start: install thru, or name its path in the setting throughline.path.";
    vscode.window.showErrorMessage(`${text} (${err.message})`);
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old && old.isRunning()) {
    await old.stop();
  }
}

exports.activate = async (context) => {
  const restart = async () => {
    await stop();
    await start();
  };
  context.subscriptions.push(
    vscode.commands.registerCommand("throughline.restart", restart),
    vscode.workspace.onDidChangeConfiguration((e) => {
      if (["path", "database", "records"].some((s) => e.affectsConfiguration(`throughline.${s}`))) {
        return restart();
      }
    }),
  );
  await start();
};

exports.deactivate = stop;
