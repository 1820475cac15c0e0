//! Every cause, in the order of diagnosis.

use crate::diagnosis::case::Cause;
use crate::diagnosis::connection_dropped::ConnectionDropped;
use crate::diagnosis::contract_drift::ContractDrift;
use crate::diagnosis::edge_error_page::EdgeErrorPage;
use crate::diagnosis::health_lies::HealthLies;
use crate::diagnosis::masked_server_error::MaskedServerError;
use crate::diagnosis::old_version_live::OldVersionLive;
use crate::diagnosis::stale_health::StaleHealth;
use crate::diagnosis::too_slow::TooSlow;
use crate::diagnosis::transcript_canned::TranscriptCanned;
use crate::diagnosis::transcript_empty::TranscriptEmpty;
use crate::diagnosis::unreachable::Unreachable;
use crate::diagnosis::upstream_failing::UpstreamFailing;
use crate::diagnosis::wrong_url::WrongUrl;

/// The causes. Earlier ones hide later ones.
pub const CAUSES: &[&dyn Cause] = &[
    // Is it there, and is it this?
    &Unreachable,
    &WrongUrl,
    &OldVersionLive,
    // Who failed?
    &EdgeErrorPage,
    &UpstreamFailing,
    &MaskedServerError,
    &ConnectionDropped,
    &TooSlow,
    // What does it say, and is it true?
    &ContractDrift,
    &TranscriptEmpty,
    &TranscriptCanned,
    &HealthLies,
    &StaleHealth,
];
