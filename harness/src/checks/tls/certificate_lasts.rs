//! A certificate that runs out takes everything with it, at a moment that was known for months.

use crate::check::Check;
use crate::check::judgement::{Judgement, Tally};
use crate::check::spec::{Spec, Suite};
use crate::check::text::clean;
use crate::check::view::View;
use crate::model::finding::{Layer, Severity};
use crate::model::probe::Ask;
use crate::model::recording::Certificate;

/// The check.
pub struct CertificateLasts;

static SPEC: Spec = Spec {
    id: "tls/certificate-lasts",
    layer: Layer::Tls,
    title: "The certificate is good for a while yet",
    severity: Severity::Major,
    suites: Suite::ALL,
    needs: &["reach/answers"],
    must_run: false,
    explanation: "Renewal runs by itself until it does not: a moved DNS record, a closed port 80, an expired token of the DNS \
                  provider. Renewal is due with a third of the lifetime left. Under a tenth and a week, nothing will renew it \
                  unless somebody looks.",
    hint: "Renew the certificate by hand now, and find out why the renewal did not run.",
};

const DAY: i64 = 24 * 60 * 60;

/// How much it matters that so many seconds of a lifetime are left. Some authorities issue for six days, so the share
/// counts as much as the days.
fn weight(left: i64, lifetime: i64) -> Option<Severity> {
    match left {
        _ if left < lifetime / 10 && left < 7 * DAY => Some(Severity::Major),
        _ if left < lifetime / 6 && left < 14 * DAY => Some(Severity::Minor),
        _ if left < lifetime / 3 && left < 30 * DAY => Some(Severity::Advisory),
        _ => None,
    }
}

impl Check for CertificateLasts {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn ask(&self, _view: &View<'_>) -> Vec<Ask> {
        Vec::new()
    }

    fn judge(&self, view: &View<'_>) -> Judgement {
        if !view.target.speaks_tls() {
            return Judgement::NotApplicable("there is no TLS".to_owned());
        }
        let mut tally = Tally::new(view);
        for (exchange, _) in view.answers() {
            let Some(leaf) = view
                .connection(exchange)
                .and_then(|connection| connection.certificates.first())
            else {
                continue;
            };
            tally.judged(exchange);
            let left = leaf.not_after.saturating_sub(exchange.at.as_second());
            let Some(severity) = weight(left, leaf.not_after.saturating_sub(leaf.not_before)) else {
                continue;
            };
            let finding = SPEC
                .finds(
                    name(leaf),
                    format!("The certificate of {} expires in {}", name(leaf), days(left)),
                )
                .expected("at least a third of its lifetime, or thirty days")
                .actual(days(left))
                .severity(severity);
            tally.find(finding.shown_by([exchange]));
        }
        match tally.done() {
            Judgement::Unable(_) => Judgement::NotApplicable("no certificate was recorded".to_owned()),
            judged => judged,
        }
    }
}

/// The name that people know it by.
fn name(leaf: &Certificate) -> String {
    let name = leaf.names.first().unwrap_or(&leaf.subject);
    clean(
        name.strip_prefix("DNSName(")
            .and_then(|name| name.strip_suffix(')'))
            .unwrap_or(name),
        100,
    )
}

fn days(left: i64) -> String {
    match left / DAY {
        0 => "less than a day".to_owned(),
        1 => "one day".to_owned(),
        days => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::asks;
    use crate::check::testing::{answered, target};
    use crate::model::recording::Connection;

    #[test]
    fn what_is_left_is_weighed_against_the_lifetime() {
        let of = |left: i64, lifetime: i64| weight(left * DAY, lifetime * DAY);
        assert_eq!(of(2, 90), Some(Severity::Major));
        assert_eq!(of(10, 90), Some(Severity::Minor));
        assert_eq!(of(20, 90), Some(Severity::Advisory));
        assert_eq!((of(31, 90), of(40, 398), of(3, 6)), (None, None, None));
        assert_eq!(of(20, 398), Some(Severity::Advisory));
    }

    #[test]
    fn what_lies_on_a_bound_is_of_the_lighter_kind() {
        let of = |left: i64, lifetime: i64| weight(left * DAY, lifetime * DAY);
        assert_eq!(
            (of(6, 60), of(7, 100)),
            (Some(Severity::Minor), Some(Severity::Minor))
        );
        assert_eq!(
            (of(10, 60), of(14, 120)),
            (Some(Severity::Advisory), Some(Severity::Advisory))
        );
        assert_eq!((of(20, 60), of(30, 120)), (None, None));
    }

    /// What is said of a certificate of ninety days that has so many seconds left.
    fn judged(base: &str, names: &[&str], left: i64) -> Judgement {
        let mut target = target();
        target.base = base.into();
        let seen = [answered(1, &asks::read("/health"), 200, &[], "ok")];
        let connections = [Connection {
            id: 1,
            address: "192.0.2.7:443".into(),
            dead: vec![],
            tls: Some("TLSv1.3".into()),
            alpn: None,
            certificates: vec![Certificate {
                subject: "CN=notes.example".into(),
                issuer: "CN=An authority".into(),
                names: names.iter().map(|name| (*name).to_owned()).collect(),
                not_before: left - 90 * DAY,
                not_after: left,
            }],
        }];
        CertificateLasts.judge(&View::new(&target, None, &seen, &[]).over(&connections))
    }

    fn said(names: &[&str], left: i64) -> Vec<String> {
        match judged("https://notes.example", names, left) {
            Judgement::Judged { findings, .. } => findings.into_iter().map(|finding| finding.title).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_is_told_by_its_name_and_the_days_that_are_left() {
        let titles = [
            (
                &["DNSName(notes.example)"][..],
                3 * DAY - 1,
                "The certificate of notes.example expires in 2 days",
            ),
            (
                &["192.0.2.7"],
                DAY,
                "The certificate of 192.0.2.7 expires in one day",
            ),
            (
                &[],
                DAY - 1,
                "The certificate of CN=notes.example expires in less than a day",
            ),
        ];
        for (names, left, title) in titles {
            assert_eq!(said(names, left), [title]);
        }
        assert_eq!(said(&["DNSName(notes.example)"], 60 * DAY), Vec::<String>::new());
    }

    #[test]
    fn without_tls_there_is_none() {
        assert!(matches!(
            judged("http://notes.example", &[], DAY),
            Judgement::NotApplicable(_)
        ));
    }
}
