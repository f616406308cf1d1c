//! The exit codes, an interface as much as the flags: CI scripts branch on them.

/// How the program ended, as its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything passed the gate.
    Passed = 0,
    /// At least one finding above the gate.
    Findings = 1,
    /// Bad arguments, configuration or suite.
    Usage = 2,
    /// The target cannot be reached, refuses the credentials, or does not speak SCIM.
    Target = 3,
    /// Nothing was selected, or every case was skipped.
    NothingRan = 4,
    /// Objects the run created are still on the target.
    LeftBehind = 6,
    /// A defect of this program.
    Internal = 70,
    /// A report could not be written.
    Report = 74,
    /// Interrupted; clean-up was done.
    Interrupted = 130,
}

impl Exit {
    /// Returns the number the shell sees.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Returns every code with what it means, for `explain` and the help text.
    pub fn all() -> [(Exit, &'static str); 9] {
        [
            (Exit::Passed, "passed the gate"),
            (Exit::Findings, "at least one finding above the gate"),
            (Exit::Usage, "bad arguments, configuration or suite file"),
            (Exit::Target, "the target cannot be reached, refuses the credentials, or does not speak SCIM"),
            (Exit::NothingRan, "nothing was selected, or every selected case was skipped"),
            (Exit::LeftBehind, "objects the run created are still on the target"),
            (Exit::Internal, "a defect of this program"),
            (Exit::Report, "a report could not be written"),
            (Exit::Interrupted, "interrupted, after clean-up"),
        ]
    }
}
