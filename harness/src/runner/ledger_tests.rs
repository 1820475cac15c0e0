//! What is kept follows from the order of asking, and never from the order of arrival.

use proptest::prelude::*;

use super::*;
use crate::check::testing::answered;
use crate::model::capture::End;
use crate::model::probe::Probe;

fn exchange(id: u32, headers: &[(&str, &str)], length: usize) -> Exchange {
    let probe = Probe::get(format!("/{id}").as_str()).build();
    answered(id, &probe, 200, headers, &"b".repeat(length))
}

fn body(exchange: &Exchange) -> (usize, End) {
    let body = &exchange.answer().unwrap().body;
    (body.bytes.len(), body.end)
}

/// What is kept of one wave that arrives so, in the order of asking, and the most that was held at once.
fn kept(budget: u64, sizes: &[usize], arrival: &[usize]) -> (Vec<Exchange>, u64) {
    let mut ledger = Ledger::new(budget);
    let mut held = 0;
    let mut done = Vec::new();
    for at in arrival {
        let mut exchange = exchange(u32::try_from(*at).unwrap(), &[], sizes[*at]);
        ledger.deposit(&mut exchange);
        held = held.max(ledger.held());
        done.push(exchange);
    }
    ledger.settle(&mut done);
    done.sort_by_key(turn);
    (done, held)
}

#[test]
fn a_small_answer_is_kept_whole_when_nothing_is_left() {
    let (done, _) = kept(0, &[5_000, 9_000], &[0, 1]);
    assert_eq!(body(&done[0]), (5_000, End::Complete));
    assert_eq!(body(&done[1]), (BODY, End::Cut));
}

#[test]
fn a_later_wave_has_what_an_earlier_one_left() {
    let mut ledger = Ledger::new(50_000);
    let mut first = [exchange(9, &[], 30_000)];
    ledger.deposit(&mut first[0]);
    ledger.settle(&mut first);
    // It was asked before, and put off.
    let mut second = [exchange(1, &[], 30_000), exchange(2, &[], 15_000)];
    second.iter_mut().for_each(|exchange| ledger.deposit(exchange));
    ledger.settle(&mut second);
    assert_eq!(body(&first[0]), (30_000, End::Complete));
    assert_eq!(body(&second[0]), (BODY, End::Cut));
    assert_eq!(
        body(&second[1]),
        (BODY, End::Cut),
        "what was asked before it counts, kept or not"
    );
}

#[test]
fn a_heap_of_headers_does_not_cost_those_that_are_judged() {
    let names: Vec<String> = (0..900).map(|n| format!("x-{n}")).collect();
    let mut headers: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "value")).collect();
    headers.push(("access-control-allow-origin", "https://app.example"));
    headers.push(("vary", "origin"));
    let mut ledger = Ledger::new(0);
    let mut done = [exchange(0, &headers, 2)];
    ledger.deposit(&mut done[0]);
    ledger.settle(&mut done);
    let reply = done[0].answer().unwrap();
    assert_eq!(
        reply.header("access-control-allow-origin").unwrap(),
        "https://app.example"
    );
    assert_eq!(reply.header("vary").unwrap(), "origin");
    assert!(head_size(&reply.headers) <= HEAD as u64 && reply.headers.len() > 10);
    assert_eq!(body(&done[0]), (2, End::Complete));
    let fact = done[0].redacted.last().unwrap();
    assert_eq!(fact.kind, SecretKind::Content);
}

#[test]
fn what_was_broken_off_stays_broken_off() {
    let mut done = exchange(0, &[], 20_000);
    if let Outcome::Answered(reply) = &mut done.reply {
        reply.body.end = End::Reset;
    }
    Ledger::new(0).deposit(&mut done);
    assert_eq!(body(&done), (BODY, End::Reset));
}

proptest! {
    #[test]
    fn what_is_kept_does_not_depend_on_arrival(
        (sizes, arrival) in proptest::collection::vec(0_usize..40_000, 1..20).prop_flat_map(|sizes| {
            let order: Vec<usize> = (0..sizes.len()).collect();
            (Just(sizes), Just(order).prop_shuffle())
        }),
        budget in 0_u64..200_000,
    ) {
        let in_order: Vec<usize> = (0..sizes.len()).collect();
        let (expected, _) = kept(budget, &sizes, &in_order);
        let (done, held) = kept(budget, &sizes, &arrival);
        prop_assert!(held <= budget, "never more than the budget is held, whatever comes first");
        prop_assert_eq!(&done, &expected);
        let whole: usize = done.iter().map(|exchange| body(exchange).0).filter(|length| *length as u64 > SMALL).sum();
        prop_assert!(whole as u64 <= budget);
    }
}
