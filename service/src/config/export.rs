//! OpenTelemetry's standard variables: looked at here, so that a bad one is refused at boot, and then read by its SDK itself.
//! (<https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>)

use crate::config::SettingsError;
use crate::config::sources::{Key, Sources};

macro_rules! standard {
    ($($(#[doc = $about:literal])+ $name:ident: [$($variable:literal),+];)+) => {
        $($(#[doc = $about])+ const $name: Key = Key {
            file: None,
            variables: &[$($variable),+],
            flag: None,
            about: concat!($($about),+),
        };)+
        /// Every standard variable that is looked at.
        pub const KEYS: &[Key] = &[$($name),+];
    };
}

standard! {
    /// Where the collector is. Spans leave only when it is set.
    ENDPOINT: ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
    /// What the collector wants to be shown, such as a key: a secret.
    HEADERS: ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"];
    /// How it is spoken to.
    PROTOCOL: ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];
    /// Whether spans leave.
    EXPORTER: ["OTEL_TRACES_EXPORTER"];
    /// What the service is called; orchestrate when nobody says.
    SERVICE: ["OTEL_SERVICE_NAME"];
    /// What else is said of the service.
    RESOURCE: ["OTEL_RESOURCE_ATTRIBUTES"];
    /// Which traces leave.
    SAMPLER: ["OTEL_TRACES_SAMPLER"];
    /// Which part of them, for a sampler by ratio.
    SAMPLER_ARGUMENT: ["OTEL_TRACES_SAMPLER_ARG"];
    /// Whether nothing leaves at all.
    DISABLED: ["OTEL_SDK_DISABLED"];
}

/// The samplers that we have.
const SAMPLERS: [&str; 6] = [
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
];

/// What the standard variables want.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Export {
    /// Whether spans are exported.
    pub wanted: bool,
    /// Whether they name the service.
    pub named: bool,
    /// What to show of each that is set, without secrets.
    pub shown: Vec<(Key, String)>,
}

/// Looks at those that are set.
pub fn export(sources: &mut Sources<'_>) -> Export {
    let mut export = Export::default();
    let endpoint = look(sources, &mut export, ENDPOINT, Show::Host, endpoint);
    let _ = look(sources, &mut export, HEADERS, Show::Length, pairs);
    let _ = look(sources, &mut export, PROTOCOL, Show::All, |text| {
        one_of(text, &["http/protobuf"])
    });
    let exporter = look(sources, &mut export, EXPORTER, Show::All, |text| {
        one_of(text, &["otlp", "none"])
    });
    let service = look(sources, &mut export, SERVICE, Show::All, own);
    let resource = look(sources, &mut export, RESOURCE, Show::All, pairs);
    let sampler = look(sources, &mut export, SAMPLER, Show::All, |text| {
        one_of(text, &SAMPLERS)
    });
    let ratio = look(sources, &mut export, SAMPLER_ARGUMENT, Show::All, ratio);
    if sampler.is_some_and(|sampler| sampler.ends_with("traceidratio")) && ratio.is_none() {
        refuse(
            sources,
            SAMPLER,
            "it needs OTEL_TRACES_SAMPLER_ARG, a number from 0 to 1",
        );
    }
    let disabled = look(sources, &mut export, DISABLED, Show::All, |text| {
        one_of(text, &["true", "false"])
    });
    export.named = service.is_some() || resource.is_some_and(|resource| resource.contains("service.name="));
    export.wanted = endpoint.is_some()
        && exporter.as_deref() != Some("none")
        && !disabled.is_some_and(|disabled| disabled.eq_ignore_ascii_case("true"));
    export
}

/// How much of a value may be shown.
#[derive(Clone, Copy)]
enum Show {
    All,
    /// Of a URL, which may hold a password or a key.
    Host,
    /// Of a secret.
    Length,
}

impl Show {
    fn of(self, text: &str) -> String {
        match self {
            Self::All => text.to_owned(),
            Self::Length => format!("({} bytes)", text.len()),
            Self::Host => {
                let url = url::Url::parse(text).ok().filter(url::Url::has_host);
                let origin = url.map(|url| url.origin().ascii_serialization());
                origin.unwrap_or_else(|| Self::Length.of(text))
            }
        }
    }
}

/// Reads one that is set, and notes what to show of it.
fn look(
    sources: &mut Sources<'_>,
    export: &mut Export,
    key: Key,
    show: Show,
    parse: impl FnOnce(&str) -> Result<String, String>,
) -> Option<String> {
    let written = sources.written(key)?;
    let shown = show.of(written.text.trim());
    export.shown.push((key, shown.clone()));
    match parse(written.text.trim()) {
        // So that it is listed with its place.
        Ok(value) => sources.read(key, None, |_| Ok(value)),
        Err(why) => {
            sources.complain(SettingsError::Value {
                place: written.place,
                value: shown,
                why,
            });
            None
        }
    }
}

fn refuse(sources: &mut Sources<'_>, key: Key, why: &str) {
    if let Some(written) = sources.written(key) {
        sources.complain(SettingsError::Value {
            place: written.place,
            value: written.text,
            why: why.to_owned(),
        });
    }
}

fn own(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}

fn one_of(text: &str, words: &[&str]) -> Result<String, String> {
    let known = words.iter().any(|word| word.eq_ignore_ascii_case(text));
    known
        .then(|| text.to_owned())
        .ok_or_else(|| format!("it must be one of {}", words.join(", ")))
}

fn endpoint(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).ok();
    url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .map(|_| text.to_owned())
        .ok_or_else(|| "write an http or https URL, such as http://localhost:4318".to_owned())
}

/// A list such as `key=value,key=value`.
fn pairs(text: &str) -> Result<String, String> {
    let good = |pair: &str| {
        pair.split_once('=')
            .is_some_and(|(key, _)| !key.trim().is_empty())
    };
    let pairs = text.split(',').filter(|pair| !pair.trim().is_empty());
    pairs
        .clone()
        .all(good)
        .then(|| text.to_owned())
        .ok_or_else(|| "write pairs such as key=value,key=value".to_owned())
}

fn ratio(text: &str) -> Result<String, String> {
    let ratio = text.parse::<f64>().ok();
    ratio
        .filter(|ratio| (0.0..=1.0).contains(ratio))
        .map(|_| text.to_owned())
        .ok_or_else(|| "write a number from 0 to 1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> (Export, Vec<String>) {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let mut sources = Sources::new(&variable, None, &[]);
        let export = export(&mut sources);
        let (_, mistakes) = sources.end();
        (export, mistakes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn an_endpoint_is_what_makes_spans_leave_unless_another_variable_forbids_it() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318");
        assert!(!read(&[]).0.wanted);
        assert!(read(&[endpoint]).0.wanted);
        assert!(!read(&[endpoint, ("OTEL_SDK_DISABLED", "TRUE")]).0.wanted);
        assert!(!read(&[endpoint, ("OTEL_TRACES_EXPORTER", "none")]).0.wanted);
        assert!(!read(&[endpoint]).0.named);
        assert!(read(&[endpoint, ("OTEL_SERVICE_NAME", "x")]).0.named);
        assert!(
            read(&[endpoint, ("OTEL_RESOURCE_ATTRIBUTES", "a=b,service.name=x")])
                .0
                .named
        );
    }

    #[test]
    fn every_bad_value_is_named_and_no_secret_is_shown() {
        let (export, mistakes) = read(&[
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "collector:4317"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "my-secret"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_RESOURCE_ATTRIBUTES", "=x"),
            ("OTEL_TRACES_SAMPLER", "traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", "2"),
            ("OTEL_SDK_DISABLED", "perhaps"),
        ]);
        insta::assert_snapshot!(mistakes.join("\n"));
        assert!(!export.wanted);
        let key = [(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "https://user:word@collector.example/key",
        )];
        assert_eq!(read(&key).0.shown[0].1, "https://collector.example");
    }
}
