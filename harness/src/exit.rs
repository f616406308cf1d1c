//! The exit codes, an interface as much as the flags: CI scripts branch on them.

/// How the program ended, as its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything passed the gate.
    Passed,
    /// At least one finding above the gate.
    Findings,
    /// Bad arguments, configuration or suite.
    Usage,
    /// The target cannot be reached, refuses the credentials, or does not speak SCIM.
    Target,
    /// Nothing was selected, or every case was skipped.
    NothingRan,
    /// The safety guard let nothing be written.
    Refused,
    /// Objects the run created are still on the target.
    LeftBehind,
    /// A defect of this program.
    Internal,
    /// A report could not be written.
    Report,
    /// Interrupted; clean-up was done.
    Interrupted,
    /// What the command ended with that `okta exec` ran.
    Command(u8),
}

impl Exit {
    /// Returns the number the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Exit::Passed => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::Target => 3,
            Exit::NothingRan => 4,
            Exit::Refused => 5,
            Exit::LeftBehind => 6,
            Exit::Internal => 70,
            Exit::Report => 74,
            Exit::Interrupted => 130,
            Exit::Command(code) => code,
        }
    }

    /// Returns every code with what it means, for `explain` and the help text.
    pub fn all() -> [(Exit, &'static str); 10] {
        [
            (Exit::Passed, "passed the gate"),
            (Exit::Findings, "at least one finding above the gate"),
            (Exit::Usage, "bad arguments, configuration or suite file, or a stale list of known failures"),
            (Exit::Target, "the target cannot be reached, refuses the credentials, or does not speak SCIM"),
            (Exit::NothingRan, "nothing was selected, or every selected case was skipped"),
            (Exit::Refused, "the safety guard let nothing be written to the target"),
            (Exit::LeftBehind, "objects the run created are still on the target"),
            (Exit::Internal, "a defect of this program"),
            (Exit::Report, "a report could not be written"),
            (Exit::Interrupted, "interrupted, after clean-up"),
        ]
    }
}
