//! What the service promised.

pub mod deprecation_announced;
pub mod documented_paths_served;
pub mod extra_fields_ignored;
pub mod good_requests_accepted;
pub mod no_500_documented;
pub mod operations_succeed;
pub mod prefix_kept;
pub mod request_fields_kept;
pub mod responses_conform;
pub mod served;
pub mod served_is_pinned;
pub mod servers_can_be_reached;
