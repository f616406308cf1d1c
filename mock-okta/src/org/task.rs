//! Tasks: what provisioning leaves to the administrator. Their texts are the flows'.

use super::{Subject, Work};

/// A row of the dashboard's tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The id.
    pub id: String,
    /// The id of the app.
    pub app: String,
    /// Whom or what it is about.
    pub subject: Subject,
    /// What failed, which a retry attempts again.
    pub work: Work,
    /// The text, in Okta's wording.
    pub message: String,
    /// When it came up, in seconds of the org's clock.
    pub created: u64,
    /// How often it failed.
    pub failures: u32,
}
