//! `rehearsal coverage`: what the suites look at and what not.

use super::Failure;
use crate::cli::{Coverage, CoverageOf};
use crate::coverage::{List, Row, tables};
use crate::exit::Exit;
use crate::suites::{self, Suites};
use scim_suite::Standing;
use std::io::{self, Write};

/// Prints the tables.
pub(super) fn execute(arguments: &Coverage) -> Result<Exit, Failure> {
    let suites = suites::load(&[])?;
    print(arguments, &suites).map_err(Failure::printing("the coverage cannot be printed"))?;
    Ok(Exit::Passed)
}

fn print(arguments: &Coverage, suites: &Suites) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let wanted = arguments.of.map(|of| match of {
        CoverageOf::Requirements => List::Requirements,
        CoverageOf::PeerChecks => List::PeerChecks,
    });
    for table in tables(suites).iter().filter(|table| wanted.is_none_or(|of| of == table.of)) {
        let mut part = "";
        for row in table.rows.iter().filter(|row| !arguments.open || row.standing == Standing::Open) {
            if row.part != part {
                part = row.part;
                writeln!(out, "\n{part}")?;
            }
            write_row(&mut out, row)?;
        }
        writeln!(out, "\n{}", table.summary())?;
    }
    out.flush()
}

fn write_row(out: &mut impl Write, row: &Row<'_>) -> io::Result<()> {
    writeln!(out, "  {:<18} {}", row.id, row.text)?;
    match &row.standing {
        Standing::Covered(cases) => cases.iter().try_for_each(|case| writeln!(out, "{:>20} case  {}", "", case.id)),
        Standing::Outside(reason) | Standing::Reasoned(reason) => writeln!(out, "{:>20} none  {reason}", ""),
        Standing::Open => writeln!(out, "{:>20} none, and no reason", ""),
    }
}
