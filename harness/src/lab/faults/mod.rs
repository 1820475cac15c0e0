//! Every fault of the lab, one file a group of the catalogue.

pub mod auth;
pub mod compound;
pub mod contract;
pub mod cors;
pub mod edge;
pub mod exposure;
pub mod health;
pub mod input;
pub mod keeping;
pub mod masked;
pub mod origin;
pub mod page;
pub mod rollout;
pub mod semantics;
pub mod speech;
pub mod upstream;

use crate::lab::fault::Fault;
use crate::model::matrix::Why;

/// One group of faults.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// The faults that are run.
    pub faults: &'static [Fault],
    /// Entries of the catalogue that no fault shows, and why.
    pub not_shown: &'static [Unshown],
}

/// An entry of the catalogue that no fault shows.
#[derive(Debug, Clone, Copy)]
pub struct Unshown {
    /// The entry.
    pub id: &'static str,
    /// What kind of reason there is.
    pub why: Why,
    /// The reason.
    pub reason: &'static str,
}

impl Unshown {
    /// No service on one machine can show it.
    pub const fn cannot_be(id: &'static str, reason: &'static str) -> Unshown {
        let why = Why::CannotBe;
        Unshown { id, why, reason }
    }

    /// It takes an endpoint that no service of the lab has.
    pub const fn no_endpoint(id: &'static str, reason: &'static str) -> Unshown {
        let why = Why::NoEndpoint;
        Unshown { id, why, reason }
    }

    /// It can be shown, and is not yet.
    pub const fn to_do(id: &'static str, reason: &'static str) -> Unshown {
        let why = Why::ToDo;
        Unshown { id, why, reason }
    }
}

/// Every group.
pub const FAMILIES: &[Family] = &[
    Family {
        name: "cors",
        faults: cors::FAULTS,
        not_shown: cors::NOT_SHOWN,
    },
    Family {
        name: "masked",
        faults: masked::FAULTS,
        not_shown: masked::NOT_SHOWN,
    },
    Family {
        name: "origin",
        faults: origin::FAULTS,
        not_shown: origin::NOT_SHOWN,
    },
    Family {
        name: "auth",
        faults: auth::FAULTS,
        not_shown: auth::NOT_SHOWN,
    },
    Family {
        name: "health",
        faults: health::FAULTS,
        not_shown: health::NOT_SHOWN,
    },
    Family {
        name: "contract",
        faults: contract::FAULTS,
        not_shown: contract::NOT_SHOWN,
    },
    Family {
        name: "input",
        faults: input::FAULTS,
        not_shown: input::NOT_SHOWN,
    },
    Family {
        name: "speech",
        faults: speech::FAULTS,
        not_shown: speech::NOT_SHOWN,
    },
    Family {
        name: "upstream",
        faults: upstream::FAULTS,
        not_shown: upstream::NOT_SHOWN,
    },
    Family {
        name: "edge",
        faults: edge::FAULTS,
        not_shown: edge::NOT_SHOWN,
    },
    Family {
        name: "rollout",
        faults: rollout::FAULTS,
        not_shown: rollout::NOT_SHOWN,
    },
    Family {
        name: "exposure",
        faults: exposure::FAULTS,
        not_shown: exposure::NOT_SHOWN,
    },
    Family {
        name: "semantics",
        faults: semantics::FAULTS,
        not_shown: semantics::NOT_SHOWN,
    },
    Family {
        name: "keeping",
        faults: keeping::FAULTS,
        not_shown: keeping::NOT_SHOWN,
    },
    Family {
        name: "page",
        faults: page::FAULTS,
        not_shown: page::NOT_SHOWN,
    },
    Family {
        name: "compound",
        faults: compound::FAULTS,
        not_shown: compound::NOT_SHOWN,
    },
];

/// Every fault, by group.
pub fn all() -> impl Iterator<Item = &'static Fault> {
    FAMILIES.iter().flat_map(|family| family.faults)
}
