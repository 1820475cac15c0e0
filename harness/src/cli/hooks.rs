//! What a finished run sets off: a command, a notification. Everything that is not done is said, with its reason.

use std::time::Duration;

use clap::Args;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use url::Url;

use crate::cli::client::Asking;
use crate::cli::complaint::Complaint;
use crate::cli::credentials;
use crate::cli::inputs::told;
use crate::cli::interrupt::Interrupt;
use crate::cli::output::Screen;
use crate::cors::lookalike::is_local;
use crate::model::exit;
use crate::model::probe::Origin;
use crate::model::run::Run;
use crate::report::json;
use crate::report::notice::{self, Shape};
use crate::runner::hook;
use crate::runner::rollback;
use crate::target::duration::Millis;
use crate::transport::secret::Secret;

/// Longer than this nobody is told of.
const TELLING: Duration = Duration::from_secs(10);
/// Where PagerDuty takes events.
const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";
/// The variable with the key of a PagerDuty service.
const ROUTING_KEY: &str = "PAGERDUTY_ROUTING_KEY";

/// What to do once the run is over.
#[derive(Debug, Default, Args)]
pub struct HookArgs {
    /// Run this command, such as a rollback, when this deploy broke what was green: only after --wait saw it through, when
    /// the first cause lies with the deploy, and the --baseline was green with another build. It gets the JSON report on
    /// standard input
    #[arg(long, value_name = "CMD", requires = "wait", requires = "baseline")]
    pub on_fail: Option<String>,
    /// Run this command, such as a promotion, when the run exits 0; when it fails, the run does. It gets the JSON report on
    /// standard input
    #[arg(long, value_name = "CMD")]
    pub on_pass: Option<String>,
    /// How long such a command may take
    #[arg(long, value_name = "DURATION", default_value = "2m")]
    pub hook_timeout: String,
    /// Tell this address of every run that is not green, and of the first green one after a --baseline that was not.
    /// slack=URL, json=URL, or pagerduty with its key in $PAGERDUTY_ROUTING_KEY; env:VAR in place of a URL that is a secret.
    /// May be given again
    #[arg(long, value_name = "[SHAPE=]URL|env:VAR")]
    pub notify: Vec<String>,
}

/// The same, read.
#[derive(Debug, Default)]
pub struct Hooks {
    on_fail: Option<String>,
    on_pass: Option<String>,
    patience: Duration,
    notices: Vec<Notice>,
}

/// Somebody to tell.
#[derive(Debug)]
struct Notice {
    reader: Reader,
    /// An address that may post in somebody's name.
    url: Secret,
    /// All of it that may be shown.
    host: String,
}

/// Who reads it, and what he wants besides.
#[derive(Debug)]
enum Reader {
    Json,
    Slack,
    /// The key of a service.
    PagerDuty(Secret),
}

impl Hooks {
    /// Reads them; nothing is run or sent.
    ///
    /// # Errors
    /// A time or an address that is none, a variable that is not set.
    pub fn read(arguments: &HookArgs) -> Result<Hooks, Complaint> {
        let patience = Millis::parse(&arguments.hook_timeout)
            .map_err(|fault| Complaint::about("--hook-timeout: ", &fault))?;
        let notices = arguments.notify.iter().map(|typed| notice(typed));
        Ok(Hooks {
            on_fail: arguments.on_fail.clone(),
            on_pass: arguments.on_pass.clone(),
            patience: Duration::from_millis(patience.0),
            notices: notices.collect::<Result<_, _>>()?,
        })
    }

    /// Does what a finished run sets off, and gives the exit code that is left: a command for a pass that fails takes the
    /// pass away. Telling somebody changes nothing.
    pub async fn after(&self, run: &Run, code: u8, interrupt: &Interrupt, screen: &Screen) -> u8 {
        if !run.interrupted {
            self.tell(run, screen).await;
        }
        if let Some(command) = &self.on_fail {
            match rollback::held_back(run) {
                Some(why) => screen.say(&format!("on-fail  not run: {why}\n")),
                None => {
                    self.execute("on-fail", command, run, interrupt, screen).await;
                }
            }
        }
        let Some(command) = &self.on_pass else {
            return code;
        };
        if code != exit::PASS {
            screen.say(&format!("on-pass  not run: the run exits {code}\n"));
            return code;
        }
        match self.execute("on-pass", command, run, interrupt, screen).await {
            true => code,
            false => exit::FAIL,
        }
    }

    /// Whether the command did its work.
    async fn execute(
        &self,
        name: &str,
        command: &str,
        run: &Run,
        interrupt: &Interrupt,
        screen: &Screen,
    ) -> bool {
        let report = json::render(run);
        let ours = credentials::ours();
        screen.say(&format!("{name}  runs\n"));
        let done = hook::run(command, &report, &ours, self.patience, interrupt.asked()).await;
        match &done {
            Ok(()) => screen.say(&format!("{name}  done\n")),
            Err(error) => screen.tell(&format!("{name}  FAILED: {error}\n")),
        }
        done.is_ok()
    }

    async fn tell(&self, run: &Run, screen: &Screen) {
        let news = notice::is_news(run);
        // At once: whoever cannot be reached keeps neither the others nor a rollback waiting.
        let told = self.notices.iter().map(|notice| notice.tell(run, news));
        for told in futures_util::future::join_all(told).await {
            match told {
                Ok(line) => screen.say(&line),
                Err(line) => screen.tell(&line),
            }
        }
    }
}

impl Notice {
    /// Tells of a run, and gives what became of it in a line: an error when he whom it is for was not reached.
    async fn tell(&self, run: &Run, news: bool) -> Result<String, String> {
        let name = format!("notify  {} at {}", self.reader.shape().name(), self.host);
        // An event that resolves nothing is dropped over there, so that every green run may say so.
        if !news && !matches!(self.reader, Reader::PagerDuty(_)) {
            return Ok(format!("{name}: not told, since green is no news\n"));
        }
        match self.send(run).await {
            Ok(()) => Ok(format!("{name}: told\n")),
            Err(why) => Err(format!("{name}: NOT TOLD: {why}\n")),
        }
    }

    async fn send(&self, run: &Run) -> Result<(), String> {
        let asking = Asking::within(TELLING).map_err(told)?;
        let sent = asking
            .request(Method::POST, self.url.expose())
            .header(CONTENT_TYPE, "application/json")
            .body(self.reader.body(run))
            .send();
        let answer = sent.await.map_err(told)?;
        match answer.status().is_success() {
            true => Ok(()),
            false => Err(format!("it answered {}", answer.status().as_u16())),
        }
    }
}

impl Reader {
    fn shape(&self) -> Shape {
        match self {
            Reader::Json => Shape::Json,
            Reader::Slack => Shape::Slack,
            Reader::PagerDuty(_) => Shape::PagerDuty,
        }
    }

    fn body(&self, run: &Run) -> String {
        match self {
            Reader::Json => json::render(run),
            Reader::Slack => notice::slack(run).to_string(),
            Reader::PagerDuty(key) => notice::pagerduty(run, key.expose()).to_string(),
        }
    }
}

/// `[SHAPE=]URL`, `[SHAPE=]env:VAR`, or `pagerduty` alone.
fn notice(typed: &str) -> Result<Notice, Complaint> {
    let named = |word: &str| Shape::ALL.into_iter().find(|shape| shape.name() == word);
    let (shape, place) = match typed.split_once('=') {
        Some((word, place)) if named(word).is_some() => (named(word), place),
        _ if typed == Shape::PagerDuty.name() => (Some(Shape::PagerDuty), PAGERDUTY),
        _ => (None, typed),
    };
    let address = match place.strip_prefix("env:") {
        Some(name) => variable(name)?,
        None => Secret::new(place),
    };
    let wrong = |why: &str| {
        // The address may be a secret, and what is wrong with it may be part of it.
        Complaint::usage(
            "--notify is given no address that can be told",
            why,
            "give it as slack=https://…, json=https://…, pagerduty, or env:VAR with the address in $VAR",
        )
    };
    let url = Url::parse(address.expose()).map_err(|error| wrong(&error.to_string()))?;
    let host = url
        .host_str()
        .filter(|_| matches!(url.scheme(), "https" | "http"));
    let Some(host) = host.map(str::to_owned) else {
        return Err(wrong("it is no http or https URL"));
    };
    if url.scheme() == "http" && !is_local(&Origin(url.origin().ascii_serialization())) {
        return Err(wrong("reports and keys go over https, except to this machine"));
    }
    let reader = match shape.unwrap_or_else(|| Shape::of_host(&host)) {
        Shape::Json => Reader::Json,
        Shape::Slack => Reader::Slack,
        Shape::PagerDuty => Reader::PagerDuty(variable(ROUTING_KEY)?),
    };
    Ok(Notice {
        reader,
        url: address,
        host,
    })
}

fn variable(name: &str) -> Result<Secret, Complaint> {
    let value = std::env::var(name).unwrap_or_default();
    match value.trim() {
        "" => Err(Complaint::usage(
            format_args!("--notify: the environment variable {name} is not set"),
            "without it nobody can be told",
            format_args!("set {name}, or leave out --notify"),
        )),
        value => Ok(Secret::new(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_named_or_follows_from_the_host() {
        let read = |typed: &str| notice(typed).map(|notice| (notice.reader.shape(), notice.host));
        let slack = read("https://hooks.slack.com/services/T0/B0/x").unwrap();
        assert_eq!(slack, (Shape::Slack, "hooks.slack.com".into()));
        assert_eq!(read("slack=http://127.0.0.1:9/x").unwrap().0, Shape::Slack);
        assert_eq!(read("https://ops.example/hook?a=b").unwrap().0, Shape::Json);
    }

    #[test]
    fn what_cannot_be_told_is_refused_and_the_address_is_not_repeated() {
        for typed in [
            "ftp://SECRET.example/x",
            "http://ops.example/SECRET",
            "SECRET",
            "slack=",
            "env:NO_SUCH_VARIABLE_HERE",
        ] {
            let told = notice(typed).unwrap_err().text;
            assert!(!told.contains("SECRET") && told.contains("next:"), "{told}");
        }
    }
}
