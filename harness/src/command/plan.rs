//! `rehearsal test --plan`: Okta's manual test plan for the OIN, row by row, with what the suites do about it.

use crate::suites::Suites;
use scim_suite::PlanClass;
use std::io::{self, Write};

/// Prints the table: each row of the plan, the cases that stand for it, and what is left to a person.
pub(super) fn print(suites: &Suites) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let (mut automatic, mut partly, mut human) = (0, 0, 0);
    let mut feature = "";
    for row in &suites.catalog.plan {
        if row.feature != feature {
            feature = &row.feature;
            writeln!(out, "\n{feature}")?;
        }
        match row.class {
            PlanClass::Auto { .. } => automatic += 1,
            PlanClass::Part { .. } => partly += 1,
            PlanClass::Human { .. } => human += 1,
        }
        writeln!(out, "  {:<7} {:<5} {}", row.id, row.class.name(), row.title)?;
        for case in suites.plan.cases.iter().filter(|case| case.refs.contains(&row.id)) {
            writeln!(out, "                case  {}", case.id)?;
        }
        if let Some(left) = row.class.left() {
            writeln!(out, "                left  {left}")?;
        }
        if let Some(reason) = &row.uncovered {
            writeln!(out, "                none  {reason}")?;
        }
    }
    writeln!(
        out,
        "\n{} rows: {automatic} automatic, {partly} in part, {human} for a person alone",
        suites.catalog.plan.len()
    )
}
