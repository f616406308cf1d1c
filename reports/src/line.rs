//! A line of output made of parts with roles; colours come last, and every part passes [`text::visible`].

use crate::text;
use anstyle::{AnsiColor, Style};

/// What a part of a line is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Plain,
    Strong,
    Faint,
    Good,
    Bad,
    Doubtful,
    Broken,
}

/// One line of output. Whatever is put in, what comes out is one line that neither steers a terminal nor a CI runner.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    parts: Vec<(Role, String)>,
}

impl Line {
    /// Begins a line with a part that has no role.
    pub(crate) fn plain(text: &str) -> Line {
        Line::default().with(Role::Plain, text)
    }

    /// Begins a line with a part.
    pub(crate) fn of(role: Role, text: &str) -> Line {
        Line::default().with(role, text)
    }

    /// Adds a part.
    pub(crate) fn with(mut self, role: Role, text: &str) -> Line {
        self.parts.push((role, text::visible(text)));
        self
    }

    /// Adds spaces up to the column, at least `least` of them.
    pub(crate) fn pad_to(self, column: usize, least: usize) -> Line {
        let gap = column.saturating_sub(self.width()).max(least);
        self.with(Role::Plain, &" ".repeat(gap))
    }

    /// Returns how many characters the line has.
    pub(crate) fn width(&self) -> usize {
        self.parts.iter().map(|(_, text)| text.chars().count()).sum()
    }

    /// Returns the line as text without its end.
    pub(crate) fn render(&self, colour: bool) -> String {
        let plain: String = self.parts.iter().map(|(_, text)| text.as_str()).collect();
        let inert = text::inert(plain.trim_end());
        // A line that holds a CI marker goes without colour: the marker may straddle two parts.
        if colour && inert == plain.trim_end() { self.coloured() } else { inert.into_owned() }
    }

    fn coloured(&self) -> String {
        self.parts.iter().fold(String::new(), |mut out, (role, text)| {
            let style = role.style();
            out.push_str(&format!("{style}{text}{style:#}"));
            out
        })
    }
}

impl Role {
    fn style(self) -> Style {
        match self {
            Role::Plain => Style::new(),
            Role::Strong => Style::new().bold(),
            Role::Faint => Style::new().dimmed(),
            Role::Good => AnsiColor::Green.on_default(),
            Role::Bad => AnsiColor::Red.on_default().bold(),
            Role::Doubtful => AnsiColor::Yellow.on_default(),
            Role::Broken => AnsiColor::Magenta.on_default().bold(),
        }
    }
}

/// Returns the lines as text, each with its end.
pub(crate) fn render(lines: &[Line], colour: bool) -> String {
    lines.iter().map(|line| line.render(colour) + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_surround_parts_and_nothing_else_escapes() {
        let line = Line::of(Role::Bad, "FAIL").with(Role::Plain, " \x1b[2Ja\nb");
        assert_eq!(line.render(false), "FAIL ␛[2Ja␊b");
        assert_eq!(line.render(true), "\x1b[1m\x1b[31mFAIL\x1b[0m ␛[2Ja␊b");
    }

    #[test]
    fn a_marker_across_two_parts_is_parted_and_uncoloured() {
        let line = Line::of(Role::Bad, " :").with(Role::Good, ":error::x");
        assert_eq!(line.render(true), " : :error::x");
    }
}
