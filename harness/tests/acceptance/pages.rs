//! The web page that calls the service: what keeps its calls from being sent is named first by `diagnose`, from the API's
//! address or the page's own, and nothing of ours but a few plain reads ever reaches the page's host.

use greenlight::lab::edge::HOST;
use greenlight::lab::fault::How;
use greenlight::lab::faults::page::{FAULTS, HEALTHY};
use greenlight::lab::lookalike;
use greenlight::lab::pages::{Host, PATH, Page, Served};
use greenlight::lab::subject::{Subject, concierge};
use orchestrate::auth::mint::{TokenRequest, mint};
use orchestrate::config::Settings;
use serde_json::Value;

use crate::binary::{Ran, greenlight, ran, run};
use crate::service::VARIABLE;

/// A service, its page, and a good token for the service alone.
struct Stand {
    served: Served,
    subject: Subject,
    token: String,
    directory: tempfile::TempDir,
}

impl Stand {
    async fn of(page: Page) -> Stand {
        let mut subject = concierge().unwrap();
        let settings = Settings::development();
        let token = mint(&settings.auth, &TokenRequest::access("acceptance")).unwrap();
        let served = page.start(settings, &mut subject).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        if let Some(pem) = &subject.ca_pem {
            std::fs::write(directory.path().join("ca.pem"), pem).unwrap();
        }
        Stand {
            served,
            subject,
            token,
            directory,
        }
    }

    fn base(&self) -> &str {
        &self.subject.target.base
    }

    fn origin(&self) -> &str {
        &self.subject.target.clients[0].origin.0
    }

    async fn diagnosed(&self, arguments: &[&str]) -> Ran {
        let mut command = greenlight(["diagnose"].into_iter().chain(arguments.iter().copied()));
        command.args(["--resolve", &format!("{HOST}:127.0.0.1"), "--token-env", VARIABLE]);
        if self.subject.ca_pem.is_some() {
            command.arg("--cacert").arg(self.directory.path().join("ca.pem"));
        }
        ran({
            command.env(VARIABLE, &self.token);
            command
        })
        .await
    }

    /// From the API's address, for its page.
    async fn given_the_api(&self, arguments: &[&str]) -> Ran {
        let fixed = [self.base(), "--origin", self.origin()];
        let all: Vec<&str> = fixed.into_iter().chain(arguments.iter().copied()).collect();
        self.diagnosed(&all).await
    }

    /// From the page's address alone.
    async fn given_the_page(&self, arguments: &[&str]) -> Ran {
        let url = format!("{}{PATH}", self.origin());
        let all: Vec<&str> = [url.as_str()]
            .into_iter()
            .chain(arguments.iter().copied())
            .collect();
        self.diagnosed(&all).await
    }

    /// Nothing that reached the page's host knows of a credential.
    fn keeps_the_token(&self, id: &str) {
        let asked = self.served.asked();
        assert!(!asked.is_empty(), "{id}: the page was not read");
        for head in asked {
            assert!(head.starts_with("GET "), "{id}: {head}");
            let told = head.to_ascii_lowercase();
            let secret = ["authorization", "cookie"].iter().any(|name| told.contains(name));
            assert!(!secret && !head.contains(&self.token), "{id}: {head}");
        }
    }
}

/// The cause that is named first, and the headline.
fn named(ran: &Ran) -> (String, String) {
    let report = ran.json();
    let first = &report["diagnoses"][0];
    let text = |value: &Value| value.as_str().unwrap_or("nothing").to_owned();
    (text(&first["cause"]), text(&report["headline"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_does_to_its_calls_is_named_first_and_the_api_is_said_to_be_well() {
    for fault in FAULTS {
        let (How::Page(page), id) = (fault.how, fault.id) else {
            panic!("{} is of no page", fault.id)
        };
        let stand = Stand::of(page).await;
        let ran = stand.given_the_api(&["--format", "json"]).await;
        let (cause, headline) = named(&ran);
        assert_eq!(
            (ran.code, Some(cause.as_str())),
            (1, fault.cause),
            "{id}: {headline} {}",
            ran.err
        );
        assert!(
            headline.starts_with("The API answers, and ") || id == "page-mixed-content",
            "{id}: {headline}"
        );
        assert!(headline.contains(stand.origin()), "{id}: {headline}");
        stand.keeps_the_token(id);
        stand.served.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_the_page_is_enough_and_its_scripts_lead_to_the_api() {
    for fault in FAULTS.iter().filter(|fault| fault.id != "page-built-for-staging") {
        let (How::Page(page), id) = (fault.how, fault.id) else {
            panic!("{} is of no page", fault.id)
        };
        let stand = Stand::of(page).await;
        let ran = stand.given_the_page(&["--format", "json"]).await;
        let (cause, headline) = named(&ran);
        assert_eq!(
            (ran.code, Some(cause.as_str())),
            (1, fault.cause),
            "{id}: {headline} {}",
            ran.err
        );
        let target = &ran.json()["target"];
        assert_eq!(target["base"], stand.base(), "{id}");
        assert_eq!(target["origins"][0], stand.origin(), "{id}");
        stand.keeps_the_token(id);
        stand.served.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn healthy_pages_are_not_reproduced() {
    // An API without TLS is no healthy one to a diagnosis, whatever its page does about it.
    for healthy in HEALTHY
        .iter()
        .filter(|healthy| healthy.id != "page-upgrades-what-it-calls")
    {
        let lookalike::How::Page(page) = healthy.how else {
            panic!("{} is of no page", healthy.id)
        };
        let stand = Stand::of(page).await;
        let ran = stand.given_the_api(&[]).await;
        assert_eq!(ran.code, 3, "{}: {}", healthy.id, ran.out);
        let nothing = "NOT REPRODUCED  Nothing that was asked from here is wrong";
        assert!(ran.out.starts_with(nothing), "{}: {}", healthy.id, ran.out);
        assert!(
            !ran.out.contains("the page's own content policy"),
            "it was read: {}",
            ran.out
        );
        stand.served.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_does_not_follow_a_script_to_the_host_that_it_names() {
    let named = Host::bind(false).await.unwrap();
    let base = format!("{}/api/v3", named.origin);
    let elsewhere = named.serve(Page::GOOD, "http://127.0.0.1:9");
    let page = Host::bind(false).await.unwrap();
    let url = format!("{}{PATH}", page.origin);
    let page = page.serve(Page::GOOD, &base);
    let directory = tempfile::tempdir().unwrap();
    let profile = directory.path().join("greenlight.toml");
    let auth = format!("[auth]\nkind = \"bearer\"\ntoken_env = \"{VARIABLE}\"\n");
    std::fs::write(&profile, format!("{auth}[[prove]]\ncall = \"GET /me\"\n")).unwrap();
    let mut command = greenlight(["diagnose", &url, "--profile", profile.to_str().unwrap()]);
    command.args(["--format", "json"]);
    command.env(VARIABLE, "concierge-secret-of-the-page-s-host");
    let report = ran(command).await.json();
    assert_eq!(report["target"]["base"], base);
    let assumed = report["target"]["assumed"].to_string();
    assert!(
        assumed.contains(&format!("no credential was sent to {base}")),
        "{assumed}"
    );
    let asked: Vec<String> = elsewhere.asked().into_iter().chain(page.asked()).collect();
    assert!(asked.len() > 3);
    assert!(
        !asked.iter().any(|head| head.contains("concierge-secret")),
        "{asked:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_built_into_a_page_stays_out_of_the_recording_and_replay_comes_to_the_same() {
    let policy = &[("content-security-policy", "connect-src 'self'")];
    // One that no shape gives away.
    const SECRET: &str = "the-kitchen-closes-at-ten";
    let script = "const k=\"https://h.example/the-kitchen-closes-at-ten\",b=\"{base}\"";
    let mut stand = Stand::of(Page::GOOD.with(policy).running(script)).await;
    stand.token = SECRET.to_owned();
    let file = stand.directory.path().join("incident.json");
    let file = file.to_str().unwrap();
    let live = stand.given_the_api(&["--record", file, "--format", "json"]).await;
    let kept = std::fs::read_to_string(file).unwrap();
    assert!(kept.contains("https://h.example/") && !kept.contains(SECRET));
    let again = run(["replay", file, "--format", "json"]).await;
    assert_eq!((again.code, again.json()), (live.code, live.json()));
    assert_eq!(named(&again).0, "page-policy-blocks-api");
    let live = stand
        .given_the_page(&["--record", file, "--format", "json"])
        .await;
    let again = run(["replay", file, "--format", "json"]).await;
    assert_eq!((again.code, again.json()), (live.code, live.json()));
    let recording: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let root = stand.subject.target.host_root();
    let exchanges = recording["exchanges"].as_array().unwrap();
    let urls = exchanges.iter().filter_map(|one| one["sent"]["url"].as_str());
    assert!(
        urls.clone().count() > 10 && urls.clone().all(|url| url.starts_with(root)),
        "{root}"
    );
    stand.served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_reads_a_page_where_the_profile_says_where_it_is_and_no_other() {
    let stand = Stand::of(Page::GOOD.with(&[("content-security-policy", "connect-src 'self'")])).await;
    let profile = stand.directory.path().join("page.toml");
    let path = profile.to_str().unwrap().to_owned();
    let client = format!(
        "[[client]]\norigin = \"{}\"\ncredentials = \"include\"\n",
        stand.origin()
    );
    let verify = async |more: &str, arguments: &[&str]| {
        std::fs::write(&profile, format!("{client}{more}")).unwrap();
        let fixed = [
            "verify",
            stand.base(),
            "--profile",
            "concierge",
            "--profile",
            &path,
        ];
        run(fixed.into_iter().chain(arguments.iter().copied())).await
    };
    let json = ["--suite", "smoke", "--format", "json"];
    let without = verify("", &json).await;
    assert_ne!(without.code, 1, "{}", without.out);
    let planned = verify("page = \"/record\"\n", &["--plan"]).await;
    assert!(
        planned
            .out
            .contains("/record and its scripts, without a credential"),
        "{}",
        planned.out
    );
    assert_eq!(stand.served.asked(), [""; 0], "nothing was to be read yet");
    let with = verify("page = \"/record\"\n", &json).await;
    assert_eq!(
        (with.code, named(&with).0.as_str()),
        (1, "page-policy-blocks-api"),
        "{}",
        with.err
    );
    stand.keeps_the_token("verify");
    stand.served.stop().await;
}
