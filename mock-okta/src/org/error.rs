//! Why an event cannot happen. What a service provider refuses is a [`Task`](super::Task) instead.

/// An event that Okta would refuse the administrator; nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrgError {
    /// There is no such person.
    #[error("no person has the id `{0}`")]
    UnknownPerson(String),
    /// There is no such group.
    #[error("no group has the id `{0}`")]
    UnknownGroup(String),
    /// There is no such app.
    #[error("no app has the id `{0}`")]
    UnknownApp(String),
    /// There is no such group rule or push rule.
    #[error("no rule has the id `{0}`")]
    UnknownRule(String),
    /// There is no such task.
    #[error("no task has the id `{0}`")]
    UnknownTask(String),
    /// Something has this key or id already.
    #[error("`{0}` exists already")]
    Exists(String),
    /// Somebody else has this login.
    #[error("the login `{0}` is taken")]
    LoginTaken(String),
    /// A profile key that no profile has.
    #[error(transparent)]
    UnknownProfileKey(#[from] crate::UnknownProfileKey),
    /// The person's state does not allow it.
    #[error("cannot {verb} {login}, who is {status}")]
    WrongStatus {
        /// What was asked for.
        verb: &'static str,
        /// The person's login.
        login: String,
        /// The person's state.
        status: &'static str,
    },
    /// The group has this member already.
    #[error("{login} is a member of {group} already")]
    AlreadyMember {
        /// The person's login.
        login: String,
        /// The group's name.
        group: String,
    },
    /// The group lacks this member.
    #[error("{login} is no member of {group}")]
    NotMember {
        /// The person's login.
        login: String,
        /// The group's name.
        group: String,
    },
    /// A group rule keeps the member in the group.
    #[error("a group rule keeps {login} in {group}")]
    MemberByRule {
        /// The person's login.
        login: String,
        /// The group's name.
        group: String,
    },
    /// The person or group is assigned to the app already.
    #[error("{0} is assigned already")]
    AlreadyAssigned(String),
    /// The person or group is not assigned to the app.
    #[error("{0} is not assigned")]
    NotAssigned(String),
    /// Only the group's assignment can be removed.
    #[error("{0} is assigned through a group only")]
    AssignedThroughGroup(String),
    /// The group is pushed to the app already.
    #[error("the group {0} is pushed already")]
    AlreadyPushed(String),
    /// The group is not pushed to the app, or its push is not in the state asked for.
    #[error("the group {0} is not pushed that way")]
    NotPushed(String),
    /// An imported user cannot be confirmed that way.
    #[error(transparent)]
    NotConfirmed(#[from] crate::import::ConfirmError),
    /// The API integration of the app is off.
    #[error("the API integration of {0} is off")]
    IntegrationOff(String),
}
