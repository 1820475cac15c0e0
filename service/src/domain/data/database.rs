//! Everything that is kept, as one thing: what the application passes around, and each resource takes its part of.

use crate::domain::data::categories::Categories;
use crate::domain::data::curations::Curations;
use crate::domain::data::keys::Keys;
use crate::domain::data::once::Once;
use crate::domain::data::replays::Replays;
use crate::domain::data::sessions::Sessions;
use crate::domain::data::usage::Usage;
use crate::domain::store::Store;

/// A database that keeps everything.
pub trait Database: Store + Curations + Categories + Usage + Replays + Keys + Sessions + Once {}

impl<D> Database for D where D: Store + Curations + Categories + Usage + Replays + Keys + Sessions + Once {}
