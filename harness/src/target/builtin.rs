//! Profiles that come with Greenlight, with the files that they name, so that neither needs a checkout.

/// A profile that is part of the binary.
#[derive(Debug, Clone, Copy)]
pub struct Builtin {
    /// What `--profile` calls it.
    pub name: &'static str,
    /// Where it stands in the repository, for places in messages.
    pub file: &'static str,
    /// The directory that its files are named from.
    pub directory: &'static str,
    /// Its text.
    pub text: &'static str,
    /// The samples that it names, as named after [`anchored`](crate::target::read::Profile::anchored).
    pub samples: &'static [(&'static str, &'static [u8])],
    /// The contract that it pins, named likewise.
    pub contract: Option<(&'static str, &'static str)>,
}

/// The reference service.
const CONCIERGE: Builtin = Builtin {
    name: "concierge",
    file: "scenarios/concierge.toml",
    directory: "scenarios",
    text: include_str!("../../../scenarios/concierge.toml"),
    samples: &[
        (
            "scenarios/samples/kitchen.wav",
            include_bytes!("../../../scenarios/samples/kitchen.wav"),
        ),
        (
            "scenarios/samples/terrace.wav",
            include_bytes!("../../../scenarios/samples/terrace.wav"),
        ),
        (
            "scenarios/samples/garden.webm",
            include_bytes!("../../../scenarios/samples/garden.webm"),
        ),
        (
            "scenarios/samples/cozinha.wav",
            include_bytes!("../../../scenarios/samples/cozinha.wav"),
        ),
    ],
    contract: Some((
        "contracts/orchestrate.openapi.yaml",
        include_str!("../../../contracts/orchestrate.openapi.yaml"),
    )),
};

/// Every built-in profile.
pub const ALL: [Builtin; 1] = [CONCIERGE];

/// The built-in profile of this name.
pub fn find(name: &str) -> Option<Builtin> {
    ALL.into_iter().find(|builtin| builtin.name == name)
}
