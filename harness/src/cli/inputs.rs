//! Everything that a run reads before it sends: profiles, contract, samples, certificates. What is wrong with any of it is
//! said here, before a packet leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, IsTerminal as _, Read};
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;

use crate::check::text::clean;
use crate::cli::accept::{not_waivable, today};
use crate::cli::args::AboutArgs;
use crate::cli::baseline::Baseline;
use crate::cli::client::Asking;
use crate::cli::complaint::Complaint;
use crate::cli::hooks::Hooks;
use crate::contract::load::Contract;
use crate::model::probe::Body;
use crate::model::recording::ContractText;
use crate::model::target::{Bounds, Target};
use crate::target::builtin;
use crate::target::check;
use crate::target::fault::{Fault, nearest, quote};
use crate::target::merge::merge;
use crate::target::problem::ProfileError;
use crate::target::read::{Profile, read};
use crate::target::resolve::{Resolved, Unresolved, resolve};
use crate::target::settings::{self, Overrides};
use crate::target::spending::Spending;
use crate::target::waiver;
use crate::target::words::{BaseUrl, Command, ContractPlace, Route, Variable};

/// The profile that is found without being named.
pub const FOUND: &str = "greenlight.toml";

/// The profile of the embedded service.
const EMBEDDED: &str = "concierge";

/// The largest file that is read: a sample of 25 MiB is the largest that the known providers take.
pub const LARGEST: u64 = 32 * 1024 * 1024;

/// What a run reads before it sends.
#[derive(Debug)]
pub struct Inputs {
    /// What the run is about.
    pub resolved: Resolved,
    /// The pinned contract.
    pub contract: Option<ContractText>,
    /// The same, read.
    pub parsed: Option<Contract>,
    /// Samples by name.
    pub samples: BTreeMap<String, Bytes>,
    /// Certificates to trust besides the system's.
    pub ca_pem: Option<Vec<u8>>,
    /// What the run is to be compared with.
    pub baseline: Baseline,
    /// What it sets off once it is over.
    pub hooks: Hooks,
}

/// Reads all of it.
pub async fn gather(arguments: &AboutArgs) -> Result<Inputs, Complaint> {
    let flags = overrides(arguments)?;
    let variables = Overrides::of_variables(|name| std::env::var(name).ok()).map_err(|faults| {
        let told = faults.iter();
        let told = told.map(|(name, fault)| Complaint::about(&format!("{name}: "), fault).text);
        Complaint::told(told.collect::<Vec<_>>().join("\n"))
    })?;
    let placed = |layer: &Overrides| layer.url.is_some() || layer.spawn.is_some();
    let profile = profile(arguments, placed(&flags) || placed(&variables))?;
    let resolved = resolve(profile.as_ref(), &flags, &variables).map_err(|unresolved| match unresolved {
        Unresolved::Profile(error) => about_profile(&error),
        Unresolved::Settings(fault) => Complaint::about("", &fault),
    })?;
    let contract = contract(resolved.contract.as_ref(), &resolved.target.bounds).await?;
    let served = matches!(resolved.contract, Some(ContractPlace::Url(_)));
    let parsed = contract.as_ref().map(|contract| parse(contract, served));
    let parsed = parsed.transpose()?;
    let samples = samples(&resolved.target)?;
    let ca_pem = arguments.known.way.cacert.as_deref().map(ca_file).transpose()?;
    Ok(Inputs {
        resolved,
        contract,
        parsed,
        samples,
        ca_pem,
        baseline: Baseline::Unasked,
        hooks: Hooks::default(),
    })
}

/// The flags as the layer that wins.
fn overrides(arguments: &AboutArgs) -> Result<Overrides, Complaint> {
    let known = &arguments.known;
    let told = |flag: &'static str| move |fault: Fault| Complaint::about(&format!("{flag}: "), &fault);
    let budget = known.leave.budget.as_deref().map(Spending::parse).transpose();
    let budget = budget.map_err(told("--budget"))?.unwrap_or_default();
    let origins: Result<Vec<_>, _> = known
        .origin
        .iter()
        .map(|text| crate::target::origin::PageOrigin::parse(text))
        .collect();
    Ok(Overrides {
        url: arguments
            .url
            .as_deref()
            .map(BaseUrl::parse)
            .transpose()
            .map_err(told("URL"))?,
        spawn: arguments
            .spawn
            .as_deref()
            .map(Command::parse)
            .transpose()
            .map_err(told("--spawn"))?,
        base: arguments
            .base
            .as_deref()
            .map(Route::parse)
            .transpose()
            .map_err(told("--base"))?,
        environment: arguments.environment.map(Into::into),
        origins: origins.map_err(told("--origin"))?,
        token_env: known
            .token_env
            .as_deref()
            .map(|name| Variable::parse(name).and_then(there))
            .transpose()
            .map_err(told("--token-env"))?,
        token_command: known
            .token_command
            .as_deref()
            .map(Command::parse)
            .transpose()
            .map_err(told("--token-command"))?,
        token_prompt: known.token_prompt,
        test_issuer: arguments.test_issuer,
        contract: known
            .contract
            .as_deref()
            .map(ContractPlace::parse)
            .transpose()
            .map_err(told("--contract"))?,
        expect_version: known
            .expect_version
            .as_deref()
            .map(settings::build)
            .transpose()
            .map_err(told("--expect-version"))?,
        allow: known.leave.allow.iter().map(|effect| (*effect).into()).collect(),
        requests: budget.requests,
        paid: budget.paid,
        bytes: budget.bytes,
        cold_start: None,
        run: budget.time,
        replicas: known.replicas,
        keep_bodies: arguments.keep_bodies,
    })
}

/// A variable that a flag names and nobody set is a slip of the pen. One that is set and blank is what CI makes of a secret
/// that this run may not have: such a run is unproven, and no mistake.
fn there(variable: Variable) -> Result<Variable, Fault> {
    if std::env::var_os(&variable.0).is_some() {
        return Ok(variable);
    }
    let names: Vec<String> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .collect();
    let next = match nearest(&variable.0, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "export {}=…, or name the variable that holds the credential",
            variable.0
        ),
    };
    let what = format!("there is no variable {}", quote(&variable.0));
    Err(Fault::new(what, "nothing in the environment has this name", next))
}

/// The profile: the named ones merged, or the one that lies here, or the embedded service's when there is no URL.
fn profile(arguments: &AboutArgs, has_place: bool) -> Result<Option<Profile>, Complaint> {
    let mut names: Vec<&str> = arguments.known.profile.iter().map(String::as_str).collect();
    if names.is_empty() && Path::new(FOUND).is_file() {
        names.push(FOUND);
    } else if names.is_empty() && !has_place {
        names.push(EMBEDDED);
    }
    let profiles = names
        .into_iter()
        .map(one_profile)
        .collect::<Result<Vec<_>, _>>()?;
    Ok((!profiles.is_empty()).then(|| merge(profiles)))
}

fn one_profile(name: &str) -> Result<Profile, Complaint> {
    if let Some(builtin) = builtin::find(name) {
        return parsed(builtin.file, builtin.text, builtin.directory);
    }
    let next = "name a TOML file, or `concierge`, the profile of the reference service";
    let text = text_file("the profile", name, next)?;
    let directory = Path::new(name)
        .parent()
        .map(|parent| parent.display().to_string())
        .unwrap_or_default();
    parsed(name, &text, &directory)
}

fn parsed(file: &str, text: &str, directory: &str) -> Result<Profile, Complaint> {
    let profile = read(file, text).map_err(|error| about_profile(&error))?;
    let profile = profile.anchored(directory);
    let named = profile.document.files();
    let have: BTreeSet<String> = named
        .iter()
        .filter(|(_, name)| Path::new(name).is_file() || embedded(name).is_some())
        .map(|(_, name)| (*name).to_owned())
        .collect();
    check::files(&profile, &have).map_err(|error| about_profile(&error))?;
    waiver::checked(&profile, today(), not_waivable).map_err(|error| about_profile(&error))?;
    Ok(profile)
}

/// What is wrong with a profile, drawn for whoever reads standard error.
fn about_profile(error: &ProfileError) -> Complaint {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    Complaint::told(error.render(std::io::stderr().is_terminal() && !no_color))
}

/// A file of a built-in profile, from the binary itself.
fn embedded(name: &str) -> Option<&'static [u8]> {
    builtin::ALL.iter().find_map(|builtin| {
        let contract = builtin
            .contract
            .iter()
            .map(|(file, text)| (*file, text.as_bytes()));
        let mut files = contract.chain(builtin.samples.iter().copied());
        files.find_map(|(file, bytes)| (file == name).then_some(bytes))
    })
}

/// Reads a file of bounded size.
pub fn file(role: &str, path: &str, next: &str) -> Result<Vec<u8>, Complaint> {
    let mut bytes = Vec::new();
    reader(role, path, next)?
        .read_to_end(&mut bytes)
        .map_err(|error| Complaint::unreadable(role, path, &error, next))?;
    Ok(bytes)
}

/// Opens a file of bounded size. What has no size of its own, such as a pipe, ends at the bound.
pub fn reader(role: &str, path: &str, next: &str) -> Result<impl Read + use<>, Complaint> {
    let told = |error: std::io::Error| Complaint::unreadable(role, path, &error, next);
    let file = File::open(path).map_err(told)?;
    let facts = file.metadata().map_err(told)?;
    if facts.len() > LARGEST {
        let why = format!(
            "it has {} bytes, and more than {LARGEST} are not read",
            facts.len()
        );
        return Err(Complaint::usage(
            format_args!("{role} {path} is too large"),
            why,
            next,
        ));
    }
    Ok(BufReader::new(file).take(LARGEST))
}

/// Reads a text of bounded size.
pub fn text_file(role: &str, path: &str, next: &str) -> Result<String, Complaint> {
    String::from_utf8(file(role, path, next)?).map_err(|error| {
        Complaint::usage(
            format_args!("{role} {path} is not text"),
            error.utf8_error(),
            next,
        )
    })
}

/// The pinned contract, from the binary itself, a file or a URL.
async fn contract(place: Option<&ContractPlace>, bounds: &Bounds) -> Result<Option<ContractText>, Complaint> {
    let next = "name an OpenAPI document, as a file or an http(s) URL";
    match place {
        None => Ok(None),
        Some(ContractPlace::File(name)) => {
            let text = match embedded(&name.0) {
                Some(bytes) if !Path::new(&name.0).is_file() => String::from_utf8_lossy(bytes).into_owned(),
                _ => text_file("the contract", &name.0, next)?,
            };
            Ok(Some(ContractText {
                source: name.0.clone(),
                text,
            }))
        }
        Some(ContractPlace::Url(url)) => {
            let text = fetch(url, bounds).await.map_err(|why| {
                Complaint::usage(
                    format_args!("the contract at {url} could not be fetched"),
                    why,
                    next,
                )
            })?;
            Ok(Some(ContractText {
                source: url.clone(),
                text,
            }))
        }
    }
}

/// Fetches a document as one request of the run: without credentials or redirects, within its deadline and its bound.
async fn fetch(url: &str, bounds: &Bounds) -> Result<String, String> {
    let asking =
        Asking::within(Duration::from_millis(bounds.deadline_ms)).map_err(|error| error.to_string())?;
    let mut response = asking
        .request(http::Method::GET, url)
        .send()
        .await
        .map_err(|error| broken(error, bounds))?;
    if response.status() != http::StatusCode::OK {
        return Err(format!("it answers {}", response.status()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(error, bounds))? {
        body.extend_from_slice(&chunk);
        if body.len() as u64 > bounds.body_read {
            return Err(format!(
                "it has more than {} bytes, and no answer is read further",
                bounds.body_read
            ));
        }
    }
    String::from_utf8(body).map_err(|error| error.utf8_error().to_string())
}

/// Why a document did not come, in the words of those who know.
fn broken(error: reqwest::Error, bounds: &Bounds) -> String {
    if error.is_timeout() {
        return format!(
            "it did not come within {} ms, the deadline of one request",
            bounds.deadline_ms
        );
    }
    told(error)
}

/// What went wrong on the way to a document or a token, down to its first cause, and without the URL.
pub fn told(error: reqwest::Error) -> String {
    let error = error.without_url();
    let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
    let told: Vec<String> = causes.map(ToString::to_string).collect();
    clean(&told.join(": "), 300)
}

fn parse(contract: &ContractText, served: bool) -> Result<Contract, Complaint> {
    let parsed = if served {
        Contract::parse_served(&contract.text, &contract.source)
    } else {
        Contract::parse(&contract.text, &contract.source)
    };
    parsed.map_err(|error| Complaint::told(format!("error: {error}")))
}

/// Every sample that the target names, from the binary itself or from its file.
fn samples(target: &Target) -> Result<BTreeMap<String, Bytes>, Complaint> {
    let roles = target
        .transcription
        .iter()
        .flat_map(|role| role.samples.iter().map(|sample| &sample.name));
    let inserts = target.proofs.iter().filter_map(|proof| match &proof.body {
        Body::Json { inserts, .. } => Some(inserts.iter().map(|insert| &insert.sample)),
        Body::Empty
        | Body::BrokenJson
        | Body::BrokenLarge { .. }
        | Body::Text { .. }
        | Body::Repeat { .. }
        | Body::File { .. }
        | Body::Parts { .. }
        | Body::Pieces { .. } => None,
    });
    let mut samples = BTreeMap::new();
    for name in roles.chain(inserts.flatten()) {
        let bytes = match embedded(name) {
            Some(bytes) if !Path::new(name).is_file() => Bytes::from_static(bytes),
            _ => file(
                "the sample",
                name,
                "samples are named from the profile's directory",
            )?
            .into(),
        };
        samples.insert(name.clone(), bytes);
    }
    Ok(samples)
}

/// Certificates to trust. A file without any is refused even when nothing here needs TLS: somebody meant something by it.
fn ca_file(path: &Path) -> Result<Vec<u8>, Complaint> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    let next = "name a PEM file with at least one certificate";
    let path = path.display().to_string();
    let bytes = file("the CA file", &path, next)?;
    let none =
        |why: String| Complaint::usage(format_args!("the CA file {path} holds no certificate"), why, next);
    match CertificateDer::pem_slice_iter(&bytes).next() {
        Some(Ok(_)) => Ok(bytes),
        Some(Err(error)) => Err(none(error.to_string())),
        None => Err(none(
            "nothing in it begins with -----BEGIN CERTIFICATE-----".to_owned(),
        )),
    }
}
