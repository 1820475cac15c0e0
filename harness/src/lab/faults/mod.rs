//! Every fault of the lab, one file a group of the catalogue.

pub mod auth;
pub mod compound;
pub mod contract;
pub mod cors;
pub mod edge;
pub mod exposure;
pub mod health;
pub mod input;
pub mod masked;
pub mod origin;
pub mod rollout;
pub mod semantics;
pub mod speech;
pub mod upstream;

use crate::lab::fault::Fault;

/// One group of faults.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// The faults that are run.
    pub faults: &'static [Fault],
    /// Entries of the catalogue that cannot be shown here, and why.
    pub not_shown: &'static [(&'static str, &'static str)],
    /// Entries of the catalogue that are still to be shown.
    pub backlog: &'static [&'static str],
}

/// Every group.
pub const FAMILIES: &[Family] = &[
    Family {
        name: "cors",
        faults: cors::FAULTS,
        not_shown: cors::NOT_SHOWN,
        backlog: cors::BACKLOG,
    },
    Family {
        name: "masked",
        faults: masked::FAULTS,
        not_shown: masked::NOT_SHOWN,
        backlog: masked::BACKLOG,
    },
    Family {
        name: "origin",
        faults: origin::FAULTS,
        not_shown: origin::NOT_SHOWN,
        backlog: origin::BACKLOG,
    },
    Family {
        name: "auth",
        faults: auth::FAULTS,
        not_shown: auth::NOT_SHOWN,
        backlog: auth::BACKLOG,
    },
    Family {
        name: "health",
        faults: health::FAULTS,
        not_shown: health::NOT_SHOWN,
        backlog: health::BACKLOG,
    },
    Family {
        name: "contract",
        faults: contract::FAULTS,
        not_shown: contract::NOT_SHOWN,
        backlog: contract::BACKLOG,
    },
    Family {
        name: "input",
        faults: input::FAULTS,
        not_shown: input::NOT_SHOWN,
        backlog: input::BACKLOG,
    },
    Family {
        name: "speech",
        faults: speech::FAULTS,
        not_shown: speech::NOT_SHOWN,
        backlog: speech::BACKLOG,
    },
    Family {
        name: "upstream",
        faults: upstream::FAULTS,
        not_shown: upstream::NOT_SHOWN,
        backlog: upstream::BACKLOG,
    },
    Family {
        name: "edge",
        faults: edge::FAULTS,
        not_shown: edge::NOT_SHOWN,
        backlog: edge::BACKLOG,
    },
    Family {
        name: "rollout",
        faults: rollout::FAULTS,
        not_shown: rollout::NOT_SHOWN,
        backlog: rollout::BACKLOG,
    },
    Family {
        name: "exposure",
        faults: exposure::FAULTS,
        not_shown: exposure::NOT_SHOWN,
        backlog: exposure::BACKLOG,
    },
    Family {
        name: "semantics",
        faults: semantics::FAULTS,
        not_shown: semantics::NOT_SHOWN,
        backlog: semantics::BACKLOG,
    },
    Family {
        name: "compound",
        faults: compound::FAULTS,
        not_shown: compound::NOT_SHOWN,
        backlog: compound::BACKLOG,
    },
];

/// Every fault, by group.
pub fn all() -> impl Iterator<Item = &'static Fault> {
    FAMILIES.iter().flat_map(|family| family.faults)
}
