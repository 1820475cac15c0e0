//! Where Chromium does otherwise than the Fetch standard. The judge keeps to the standard; each departure is shown by a named
//! case that must still differ, so that an entry which Chromium has caught up with is noticed and taken out.
//!
//! A generated case is excused only when the judge, told of these departures, says exactly what Chromium did.

/// One departure, seen with Chromium 156.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Departure {
    /// `Access-Control-Allow-Headers: *` covers `Authorization`, as Firefox is said to do it too.
    StarCoversAuthorization,
    /// A negative `Access-Control-Max-Age` is 0 instead of no number, which would be 5 seconds.
    NegativeMaxAgeIsZero,
    /// Request headers of one name are one header before their length and bytes are looked at.
    CombinesRequestHeaders,
    /// `Save-Data: on` goes out without being asked for, as a client hint.
    SafelistsSaveData,
    /// A page's `User-Agent` is dropped, as if the name were forbidden, and so not asked for.
    DropsUserAgent,
    /// A redirect to a URL with a user name or password is not followed even from the page's own origin to itself.
    RefusesOwnCredentials,
    /// Two `Location` headers are one when they say the same.
    MergesEqualLocations,
    /// A request that bypasses the HTTP cache, here by an `If-None-Match` of its own, asks anew. The standard knows no such
    /// step, though it lets a browser forget at any time.
    ForgetsForNoStore,
}

impl Departure {
    /// All of them, with the section of the standard that each departs from and the names of the cases that show it.
    pub(crate) const ALL: [(Departure, &str, &[&str]); 8] = [
        (
            Departure::StarCoversAuthorization,
            "Fetch §4.8, step 7.6",
            &["ah-star-auth", "age-star-auth"],
        ),
        (
            Departure::NegativeMaxAgeIsZero,
            "Fetch §4.8, step 7.9",
            &["age-negative"],
        ),
        (
            Departure::CombinesRequestHeaders,
            "Fetch §2.2.2, CORS-unsafe request-header names",
            &["accept-twice"],
        ),
        (
            Departure::SafelistsSaveData,
            "Fetch §2.2.2, CORS-safelisted request-header",
            &["save-data"],
        ),
        (
            Departure::DropsUserAgent,
            "Fetch §2.2.2, forbidden request-header",
            &["user-agent"],
        ),
        (
            Departure::RefusesOwnCredentials,
            "Fetch §4.5, steps 9 and 10",
            &["hop-home"],
        ),
        (
            Departure::MergesEqualLocations,
            "Fetch §2.2.2, extract header list values",
            &["hop-twice"],
        ),
        (
            Departure::ForgetsForNoStore,
            "Fetch §4.4, step 4.1",
            &["age-no-store"],
        ),
    ];

    pub(crate) fn all() -> Vec<Departure> {
        Departure::ALL
            .iter()
            .map(|(departure, _, _)| *departure)
            .collect()
    }
}
