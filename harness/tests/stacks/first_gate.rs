//! `docs/a-first-gate.md`, done as it says: its commands, its profile and its workflow, in a repository that has FastAPI as
//! its documentation shows it, and its output is what is seen.

use tokio::process::Command;

use crate::app::{installed, stacks};
use crate::shown::{blocks, hold, read, words};

const PAGE: &str = "docs/a-first-gate.md";

/// The repository of the page.
struct Repository(tempfile::TempDir);

impl Repository {
    fn new() -> Repository {
        let repository = Repository(tempfile::tempdir().unwrap());
        repository.write("app.py", &read("harness/tests/stacks/apps/first_gate/app.py"));
        repository
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.0.path().join(file), text).unwrap();
    }

    /// Changes the service's source.
    fn edit(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.0.path().join("app.py")).unwrap();
        assert!(text.contains(from), "{from} is not in\n{text}");
        self.write("app.py", &text.replace(from, to));
    }

    /// The handler that leaves the input out.
    fn mend_the_handler(&self) {
        let handler = read("harness/tests/stacks/apps/first_gate/mended.py");
        self.edit(
            "class Note(BaseModel)",
            &format!("{handler}\n\nclass Note(BaseModel)"),
        );
    }

    /// The validator that wants text which can be written.
    fn mend_the_text(&self) {
        self.edit("import BaseModel", "import BaseModel, field_validator");
        let checked = "    text: str\n\n    @field_validator(\"text\")\n    @classmethod\n    def can_be_written(cls, text: \
                       str) -> str:\n        text.encode()\n        return text\n";
        self.edit("    text: str\n", checked);
    }

    /// A program in it, with FastAPI installed.
    fn program(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", stacks().join("python/bin").display());
        let mut command = Command::new(program);
        command
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", path)
            .env("API_TOKEN", "made-up-for-this-run")
            .env("COLUMNS", "100")
            .kill_on_drop(true);
        command
    }

    /// What a command of the page says, and its exit code.
    async fn run(&self, command: &str) -> (i32, String) {
        let words = words(command);
        assert_eq!(words[0], "greenlight");
        let mut program = self.program(env!("CARGO_BIN_EXE_greenlight"));
        let done = program.args(&words[1..]).output().await.unwrap();
        let said = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (done.status.code().unwrap(), said.concat())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_on_a_first_gate_says_what_happens() {
    if !installed(&["python.installed"]) {
        return;
    }
    let [first, second] = blocks(PAGE, "sh").try_into().unwrap();
    let [unproven, input, text, green, red] = blocks(PAGE, "text").try_into().unwrap();
    let [profile] = blocks(PAGE, "toml").try_into().unwrap();
    let lines = |text: &str| {
        let told = |line: &&str| !line.trim().is_empty() && !line.starts_with('#');
        text.lines().filter(told).count()
    };
    let workflow = read("docs/examples/github-first-gate.yml");
    for (lines, of) in [(lines(&profile), "TOML"), (lines(&workflow), "YAML")] {
        let said = format!("{lines} lines of {of}");
        assert!(read(PAGE).contains(&said), "the page does not say: {said}");
    }
    let repository = Repository::new();
    let step = async |command: &str, wanted: i32, block: &str| {
        let (code, said) = repository.run(command).await;
        assert_eq!(code, wanted, "{said}");
        hold(PAGE, block, &said);
    };
    step(&first, 3, &unproven).await;
    repository.write("greenlight.toml", &profile);
    step(&second, 1, &input).await;
    repository.mend_the_handler();
    step(&second, 1, &text).await;
    repository.mend_the_text();
    step(&second, 0, &green).await;
    repository.edit("return await summarise", "return summarise");
    step(&second, 1, &red).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workflow_of_the_page_is_green_for_the_good_service_and_red_for_the_bad() {
    if !installed(&["python.installed"]) {
        return;
    }
    let [profile] = blocks(PAGE, "toml").try_into().unwrap();
    let repository = Repository::new();
    repository.write("greenlight.toml", &profile);
    repository.mend_the_handler();
    repository.mend_the_text();
    let workflow: serde_json::Value =
        serde_saphyr::from_str(&read("docs/examples/github-first-gate.yml")).unwrap();
    let steps = workflow["jobs"]["greenlight"]["steps"].as_array().unwrap();
    let step = steps.last().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    for (edit, wanted, verdict) in [
        ("return await summarise", 0, "pass"),
        ("return summarise", 1, "fail"),
    ] {
        repository.edit("return await summarise", edit);
        let mut action = repository.program("bash");
        action.arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../.github/actions/verify/run"
        ));
        for (name, value) in step["with"].as_object().unwrap() {
            action.env(
                format!("IN_{}", name.replace('-', "_").to_uppercase()),
                text(value),
            );
        }
        for (name, value) in step["env"].as_object().unwrap() {
            action.env(name, text(value));
        }
        let outputs = repository.0.path().join("outputs");
        let done = action
            .env("GREENLIGHT", env!("CARGO_BIN_EXE_greenlight"))
            .env("GITHUB_OUTPUT", &outputs)
            .output()
            .await
            .unwrap();
        assert_eq!(done.status.code(), Some(wanted), "{done:?}");
        let told = std::fs::read_to_string(outputs).unwrap();
        assert!(told.contains(&format!("verdict={verdict}\n")), "{told}");
    }
}
