//! Decides what turns a run red: a finding's level and basis against the chosen gate.

use scim_record::{Basis, Gate, Level, Verdict};

/// What kind of thing went wrong; some are red whatever the rule's level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An expectation of the suite did not hold.
    Expectation,
    /// The server answered 5xx (501 aside), hung, or dropped the connection.
    ServerFailure,
}

/// Returns the verdict on a finding, or `None` where the gate does not even mention it.
///
/// An inferred fact about Okta never fails a server: a wrong guess of ours would be a false alarm. Neither does a rule
/// that a reasonable reader may dispute.
pub fn verdict(gate: Gate, level: Level, basis: Basis, is_disputed: bool, kind: Kind) -> Option<Verdict> {
    if kind == Kind::ServerFailure {
        return Some(Verdict::Fail);
    }
    if basis == Basis::Inferred {
        return Some(Verdict::Warn);
    }
    let fails = !is_disputed
        && match level {
            Level::Okta => true,
            Level::Must => matches!(gate, Gate::Rfc | Gate::Strict),
            Level::Should => gate == Gate::Strict,
            Level::May => false,
        };
    match (fails, level, gate) {
        (true, ..) => Some(Verdict::Fail),
        (false, Level::May, Gate::Okta | Gate::Rfc) => None,
        (false, ..) => Some(Verdict::Warn),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_gates_holds() {
        use Gate::{Okta, Rfc, Strict};
        use Level::{May, Must, Should};
        let fail = Some(Verdict::Fail);
        let warn = Some(Verdict::Warn);
        for (gate, level, expected) in [
            (Okta, Level::Okta, fail),
            (Okta, Must, warn),
            (Okta, Should, warn),
            (Okta, May, None),
            (Rfc, Level::Okta, fail),
            (Rfc, Must, fail),
            (Rfc, Should, warn),
            (Rfc, May, None),
            (Strict, Level::Okta, fail),
            (Strict, Must, fail),
            (Strict, Should, fail),
            (Strict, May, warn),
        ] {
            let found = verdict(gate, level, Basis::Documented, false, Kind::Expectation);
            assert_eq!(found, expected, "gate {gate}, level {level}");
        }
    }

    #[test]
    fn an_inferred_fact_never_fails_a_server() {
        for gate in [Gate::Okta, Gate::Rfc, Gate::Strict] {
            assert_eq!(verdict(gate, Level::Okta, Basis::Inferred, false, Kind::Expectation), Some(Verdict::Warn));
        }
    }

    #[test]
    fn a_disputed_rule_warns_at_most() {
        for gate in [Gate::Okta, Gate::Rfc, Gate::Strict] {
            for level in [Level::Okta, Level::Must, Level::Should] {
                let found = verdict(gate, level, Basis::Documented, true, Kind::Expectation);
                assert_eq!(found, Some(Verdict::Warn), "gate {gate}, level {level}");
            }
        }
        assert_eq!(verdict(Gate::Rfc, Level::May, Basis::Documented, true, Kind::Expectation), None);
        let failure = verdict(Gate::Okta, Level::Must, Basis::Documented, true, Kind::ServerFailure);
        assert_eq!(failure, Some(Verdict::Fail));
    }

    #[test]
    fn a_server_failure_is_red_under_every_gate() {
        for gate in [Gate::Okta, Gate::Rfc, Gate::Strict] {
            assert_eq!(verdict(gate, Level::May, Basis::Inferred, false, Kind::ServerFailure), Some(Verdict::Fail));
        }
    }
}
