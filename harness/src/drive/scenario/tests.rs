//! The driver against a world that answers by path, without a network.

use bytes::Bytes;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::check::testing::{answered, failed, target};
use crate::model::exchange::Phase as At;
use crate::model::refusal::Refusal;
use crate::model::sealed::{Answer, Raw};
use crate::model::target::Environment;
use crate::scenario::lint::Read;
use crate::scenario::lint::given::Source;

const CONTRACT: &str = include_str!("../../../tests/run/testdata/shop.openapi.yaml");

const KEEP: &str = r"
workflows:
  - workflowId: keep
    steps:
      - stepId: create
        operationId: createItem
        requestBody: {payload: {name: apple}}
        successCriteria: [{condition: $statusCode == 201}]
        outputs: {id: $response.body#/id}
      - stepId: read
        operationId: readItem
        parameters: [{name: id, in: path, value: $steps.create.outputs.id}]
        successCriteria: [{condition: $statusCode == 200}]
        onFailure: [{name: again, type: retry, retryAfter: 5, retryLimit: 2, criteria: [{condition: $statusCode == 404}]}]
      - stepId: remove
        operationId: deleteItem
        x-greenlight-cleanup: true
        parameters: [{name: id, in: path, value: $steps.create.outputs.id}]
        successCriteria: [{condition: $statusCode == 204}]
";

fn book(workflows: &str) -> Book {
    let head = "arazzo: 1.1.0\ninfo: {title: Shop, version: '1'}\nsourceDescriptions:\n  - {name: shop, url: ./shop.yaml, type: openapi}\n";
    let document = Read::of(&format!("{head}{workflows}")).document().unwrap();
    let contract = Source::read(&CONTRACT.replace("SERVER", "http://shop.test"), "shop.yaml", None);
    Book {
        file: "s.yaml".into(),
        document,
        sources: BTreeMap::from([("shop".to_owned(), contract)]),
        others: BTreeMap::new(),
    }
}

fn local() -> Target {
    Target {
        environment: Environment::Local,
        base: "http://shop.test".into(),
        ..target()
    }
}

/// A driver of every workflow of a book.
fn driver<'b>(books: &'b [Book], target: &'b Target) -> Scenarios<'b> {
    let workflows = books[0].document.workflows.iter();
    let wanted = workflows.map(|workflow| Wanted {
        book: 0,
        workflow,
        inputs: Worths::default(),
        needs: Vec::new(),
    });
    let setting = Setting {
        base: target.base.clone(),
        given: false,
    };
    Scenarios::new(books, target, setting, wanted.collect(), Secrets::default())
}

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

const NOTHING: News<'_> = News {
    exchanges: &[],
    refused: &[],
    raw: &[],
};

fn probes(asked: &[Asked]) -> Vec<Probe> {
    asked
        .iter()
        .flat_map(|asked| asked.ask.probes())
        .cloned()
        .collect()
}

fn asked(next: Next) -> Vec<Probe> {
    match next {
        Next::Ask(asked) => probes(&asked),
        other => panic!("nothing was asked: {other:?}"),
    }
}

fn seen(exchanges: &[Exchange]) -> News<'_> {
    News { exchanges, ..NOTHING }
}

fn told(driver: Scenarios<'_>) -> Vec<String> {
    let journeys = driver.journeys();
    let steps = journeys.iter().flat_map(|journey| &journey.steps);
    steps
        .map(|step| format!("{} {:?}", step.step, step.outcome))
        .collect()
}

#[test]
fn what_was_made_is_removed_although_the_run_is_stopped() {
    let (books, target) = ([book(KEEP)], local());
    let mut driver = driver(&books, &target);
    let create = asked(driver.next(NOTHING, now()));
    let made = [answered(1, &create[0], 201, &[], r#"{"id":"a-1"}"#)];
    let read = asked(driver.next(seen(&made), now()));
    assert_eq!(read[0].path_text(), "/items/a-1");
    // Nobody answers any more.
    let removing = probes(&driver.last(NOTHING));
    assert_eq!(
        (removing[0].method.as_str(), removing[0].path_text()),
        ("DELETE", "/items/a-1")
    );
    let removed = [answered(3, &removing[0], 204, &[], "")];
    assert!(driver.last(seen(&removed)).is_empty());
    assert_eq!(told(driver), ["create Pass", "remove Pass", "read Blocked"]);
}

#[test]
fn a_step_that_was_under_way_when_the_run_was_stopped_is_inconclusive() {
    let (books, target) = ([book(KEEP)], local());
    let mut driver = driver(&books, &target);
    let create = asked(driver.next(NOTHING, now()));
    let stopped = [failed(1, &create[0], At::Wait, WireFault::Stopped)];
    assert!(
        driver.last(seen(&stopped)).is_empty(),
        "nothing is known to have been made"
    );
    let told = told(driver);
    assert_eq!(told[..2], ["create Inconclusive", "remove Skipped"]);
}

#[test]
fn when_the_time_is_over_what_was_made_is_removed_and_nothing_else_is_asked() {
    for (while_cleaning, outcome) in [(false, "read Inconclusive"), (true, "read Pass")] {
        let (books, target) = ([book(KEEP)], local());
        let mut driver = driver(&books, &target);
        let create = asked(driver.next(NOTHING, now()));
        let made = [answered(1, &create[0], 201, &[], r#"{"id":"a-1"}"#)];
        let mut open = asked(driver.next(seen(&made), now()));
        if while_cleaning {
            let read = [answered(2, &open[0], 200, &[], "{}")];
            open = asked(driver.next(seen(&read), now()));
        }
        let refused = [Refusal {
            probe: open[0].clone(),
            askers: Vec::new(),
            why: Why::Deadline,
            reason: "the run's own deadline had passed".into(),
            flag: None,
        }];
        let news = News {
            refused: &refused,
            ..NOTHING
        };
        assert_eq!(driver.next(news, now()), Next::Done);
        let removing = probes(&driver.last(NOTHING));
        assert_eq!(removing[0].path_text(), "/items/a-1");
        assert_eq!((removing.len(), removing[0].method.as_str()), (1, "DELETE"));
        let removed = [answered(3, &removing[0], 204, &[], "")];
        assert!(driver.last(seen(&removed)).is_empty());
        assert_eq!(told(driver), ["create Pass", outcome, "remove Pass"]);
    }
}

#[test]
fn a_retry_waits_as_the_server_or_the_document_says_and_asks_once_more() {
    let (books, target) = ([book(KEEP)], local());
    let mut driver = driver(&books, &target);
    let create = asked(driver.next(NOTHING, now()));
    let made = [answered(1, &create[0], 201, &[], r#"{"id":"a-1"}"#)];
    let read = asked(driver.next(seen(&made), now()));
    let after = |seconds| {
        now()
            .checked_add(jiff::SignedDuration::from_secs(seconds))
            .unwrap()
    };
    let missing = [answered(2, &read[0], 404, &[("retry-after", "2")], "{}")];
    assert_eq!(driver.next(seen(&missing), now()), Next::Until(after(2)));
    let again = asked(driver.next(NOTHING, after(2)));
    assert_eq!((again[0].path_text(), again[0].again), ("/items/a-1", 1));
    let missing = [answered(3, &again[0], 404, &[], "{}")];
    assert_eq!(driver.next(seen(&missing), after(2)), Next::Until(after(7)));
}

#[test]
fn what_a_refusal_leaves_open_is_inconclusive_with_the_flag_that_would_show_it() {
    let (books, target) = ([book(KEEP)], local());
    let mut driver = driver(&books, &target);
    let create = asked(driver.next(NOTHING, now()));
    let refused = [Refusal {
        probe: create[0].clone(),
        askers: Vec::new(),
        why: Why::Effect,
        reason: "it writes".into(),
        flag: Some("--allow writes".into()),
    }];
    let news = News {
        refused: &refused,
        ..NOTHING
    };
    assert_eq!(driver.next(news, now()), Next::Done);
    let journeys = driver.journeys();
    let step = &journeys[0].steps[0];
    assert_eq!(
        (step.outcome, step.flag.as_deref()),
        (CheckOutcome::Inconclusive, Some("--allow writes"))
    );
}

#[test]
fn a_page_s_call_goes_out_when_the_preflight_lets_it() {
    let paged = KEEP.replacen(
        "workflowId: keep",
        "workflowId: keep\n    x-greenlight-origin: https://app.test",
        1,
    );
    let (books, target) = ([book(&paged)], local());
    let origin = ("access-control-allow-origin", "https://app.test");
    let mut good = driver(&books, &target);
    let preflight = asked(good.next(NOTHING, now()));
    assert!(preflight[0].is_preflight(), "{preflight:?}");
    let granted = [answered(
        1,
        &preflight[0],
        204,
        &[origin, ("access-control-allow-headers", "content-type")],
        "",
    )];
    let create = asked(good.next(seen(&granted), now()));
    assert_eq!(
        (create[0].method.as_str(), create[0].page.is_some()),
        ("POST", true)
    );
    let made = [answered(2, &create[0], 201, &[origin], r#"{"id":"a-1"}"#)];
    let read = asked(good.next(seen(&made), now()));
    assert_eq!(read[0].method, "GET", "a simple request needs no leave");

    let mut bad = driver(&books, &target);
    let preflight = asked(bad.next(NOTHING, now()));
    let refused = [answered(1, &preflight[0], 204, &[], "")];
    assert_eq!(bad.next(seen(&refused), now()), Next::Done);
    let journeys = bad.journeys();
    let reason = journeys[0].steps[0].reason.as_deref().unwrap();
    assert!(
        reason.contains("no browser would send it from https://app.test"),
        "{reason}"
    );
}

#[test]
fn what_redaction_took_away_is_computed_with_and_goes_out_by_its_name() {
    let (books, target) = ([book(KEEP)], local());
    let mut driver = driver(&books, &target);
    let create = asked(driver.next(NOTHING, now()));
    // Production keeps types and lengths alone.
    let made = [answered(1, &create[0], 201, &[], r#"{"id":"[text:9]"}"#)];
    let raw = [Raw {
        id: made[0].id,
        step: 0,
        answer: Sealed::new(Answer {
            headers: Vec::new(),
            body: Bytes::from_static(br#"{"id":"secret/id"}"#),
        }),
    }];
    let news = News {
        raw: &raw,
        ..seen(&made)
    };
    let read = asked(driver.next(news, now()));
    assert_eq!(read[0].operation(), "GET /items/{id}");
    let names: Vec<String> = driver.secrets().into_iter().map(|(name, _)| name.0).collect();
    assert_eq!(
        names,
        ["steps.create.outputs.id", "steps.create.outputs.id-2"],
        "as it is, and as a URL has it"
    );
    let shown = format!("{driver:?}{read:?}{}", serde_json::to_string(&read).unwrap());
    assert!(
        !shown.contains("secret/id") && !shown.contains("secret%2Fid"),
        "{shown}"
    );
}

#[test]
fn a_workflow_in_circles_and_workflows_without_end_are_ended() {
    let circle = r"
workflows:
  - workflowId: w
    steps:
      - stepId: look
        operationId: me
        successCriteria: [{condition: $statusCode == 200}]
        onSuccess: [{name: on, type: goto, stepId: look}]
";
    let (books, target) = ([book(circle)], local());
    let mut driver = driver(&books, &target);
    let mut next = driver.next(NOTHING, now());
    let mut id = 0;
    while let Next::Ask(some) = next {
        id += 1;
        let seen = [answered(id, &probes(&some)[0], 200, &[], "{}")];
        next = driver.next(self::seen(&seen), now());
        assert!(id < 20_000);
    }
    assert_eq!(told(driver), ["look Fail"]);
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic_or_run_without_end(
        answers in prop::collection::vec((100_u16..600, any::<Vec<u8>>(), any::<bool>()), 1..12),
    ) {
        let (books, target) = ([book(KEEP)], local());
        let mut driver = driver(&books, &target);
        let mut next = driver.next(NOTHING, now());
        let (mut time, mut turn) = (now(), 0_u32);
        while turn < 64 {
            turn += 1;
            next = match next {
                Next::Done => break,
                Next::Until(then) => { time = then; driver.next(NOTHING, time) }
                Next::Ask(some) => {
                    let seen: Vec<Exchange> = probes(&some).iter().map(|probe| {
                        let (status, body, lost) = &answers[turn as usize % answers.len()];
                        match lost {
                            true => failed(turn, probe, At::Wait, WireFault::Reset),
                            false => answered(turn, probe, *status, &[], &String::from_utf8_lossy(body)),
                        }
                    }).collect();
                    driver.next(self::seen(&seen), time)
                }
            };
        }
        prop_assert!(turn < 64);
        prop_assert_eq!(driver.journeys()[0].steps.len(), 3);
    }
}

#[test]
fn a_body_holds_what_may_not_be_seen_and_shows_the_rest() {
    let login = r"
workflows:
  - workflowId: w
    steps:
      - stepId: login
        operationId: login
        requestBody: {payload: {user: ana, password: 'hunter2 and a quote'}}
        successCriteria: [{condition: $statusCode == 200}]
";
    let (books, target) = ([book(login)], local());
    let mut driver = driver(&books, &target);
    let probe = asked(driver.next(NOTHING, now())).remove(0);
    let written = serde_json::to_value(&probe.body).unwrap();
    let joined = json!([
        {"lit": r#"{"password":""#},
        {"held": {"secret": "w.login.password", "mutation": "AsIs"}},
        {"lit": r#"","user":"ana"}"#}
    ]);
    let parts = &written["text"]["text"]["joined"];
    assert_eq!(parts[0], joined[0]);
    assert_eq!(parts[1]["held"]["secret"], joined[1]["held"]["secret"]);
    assert_eq!(parts[2], joined[2]);
}
