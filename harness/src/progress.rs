//! How far a run is, on stderr: one line that changes where somebody watches, a line now and then in CI's log.
//!
//! Nothing here is a result: results go to stdout, and a line that changes is taken away before they do.

use rehearsal_reports::{Report, ReportError, harmless};
use scim_record::{Event, Outcome};
use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Starts to show progress, and returns what must hear of each event before and after all other reports; nothing where
/// nobody wants to see it.
pub(crate) fn start(is_wanted: bool) -> Option<(Curtain, Progress)> {
    if !is_wanted {
        return None;
    }
    let style = if io::stderr().is_terminal() { Style::Line } else { Style::Log };
    let stage = Arc::new(Stage { began: Instant::now(), style, board: Mutex::default() });
    let (hold, gone) = mpsc::channel::<()>();
    let watched = Arc::clone(&stage);
    let spawned = std::thread::Builder::new().name("progress".to_owned()).spawn(move || {
        while gone.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            watched.tick();
        }
    });
    // Without a thread nothing is shown, and the run goes on.
    spawned.ok()?;
    Some((Curtain(Arc::clone(&stage)), Progress { stage, _hold: hold }))
}

/// Takes the line away before other reports write.
pub(crate) struct Curtain(Arc<Stage>);

/// Takes in what happens, and shows the line again.
pub(crate) struct Progress {
    stage: Arc<Stage>,
    /// The thread ends when this is dropped.
    _hold: mpsc::Sender<()>,
}

impl Report for Curtain {
    fn event(&mut self, _event: &Event) -> Result<(), ReportError> {
        let mut board = self.0.lock();
        board.is_covered = true;
        if self.0.style == Style::Line && board.is_drawn {
            board.is_drawn = false;
            say(ERASE);
        }
        Ok(())
    }
}

impl Report for Progress {
    fn event(&mut self, event: &Event) -> Result<(), ReportError> {
        let mut board = self.stage.lock();
        board.take(event);
        board.is_covered = false;
        drop(board);
        self.stage.redraw();
        Ok(())
    }
}

/// What the reports and the thread share.
struct Stage {
    began: Instant,
    style: Style,
    board: Mutex<Board>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// A line that changes.
    Line,
    /// A line now and then.
    Log,
}

impl Stage {
    fn lock(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tick(&self) {
        match self.style {
            Style::Line => self.redraw(),
            Style::Log => {
                if let Some(line) = self.lock().heartbeat(self.began.elapsed()) {
                    say(&format!("{line}\n"));
                }
            }
        }
    }

    fn redraw(&self) {
        let mut board = self.lock();
        if self.style != Style::Line || board.is_covered {
            return;
        }
        if let Some(line) = board.due(self.began.elapsed()) {
            say(&format!("{ERASE}{line}"));
        }
    }
}

/// Writes to stderr; where it is gone nobody watches.
fn say(text: &str) {
    let mut out = io::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// How far a run is. It reads no clock: what time it is, it is told.
#[derive(Debug, Default)]
struct Board {
    total: usize,
    done: usize,
    failed: usize,
    /// The cases under way, the longest first.
    running: Vec<String>,
    has_begun: bool,
    is_over: bool,
    is_drawn: bool,
    is_covered: bool,
    drawn_at: Option<Duration>,
    told_at: Duration,
}

impl Board {
    fn take(&mut self, event: &Event) {
        match event {
            Event::RunStarted(info) => {
                self.total = info.cases;
                self.has_begun = true;
            }
            Event::CaseStarted { id, app } => self.running.push(name(id, app.as_deref())),
            Event::CaseFinished(record) => {
                let name = name(&record.id, record.app.as_deref());
                if let Some(at) = self.running.iter().position(|running| *running == name) {
                    self.running.remove(at);
                }
                self.done += 1;
                self.failed += usize::from(matches!(record.outcome, Outcome::Fail | Outcome::Fixed | Outcome::Error));
            }
            Event::RunFinished(_) => self.is_over = true,
            Event::RunExchanges(_) | Event::ChapterFinished(_) => {}
        }
    }

    /// Returns the line to show, unless one was shown a moment ago.
    fn due(&mut self, now: Duration) -> Option<String> {
        let is_fresh = self.drawn_at.is_some_and(|drawn| now < drawn + LEAST_BETWEEN) && self.is_drawn;
        if !self.has_begun || self.is_over || is_fresh {
            return None;
        }
        (self.drawn_at, self.is_drawn) = (Some(now), true);
        Some(harmless(&self.line(now)).chars().take(WIDTH).collect())
    }

    /// Returns the line for a log, when it is time for one.
    fn heartbeat(&mut self, now: Duration) -> Option<String> {
        if !self.has_begun || self.is_over || now < self.told_at + HEARTBEAT {
            return None;
        }
        self.told_at = now;
        Some(harmless(&format!("rehearsal: {}", self.line(now))))
    }

    fn line(&self, now: Duration) -> String {
        let Board { total, done, failed, running, .. } = self;
        let mut parts = vec![format!("{done} of {total} cases")];
        parts.extend((*failed > 0).then(|| format!("{failed} failed")));
        parts.push(clock(now));
        parts.extend(self.left(now).map(|left| format!("about {} left", clock(left))));
        parts.extend(running.first().map(|id| match running.len() - 1 {
            0 => id.clone(),
            others => format!("{id} and {others} more"),
        }));
        parts.join(" · ")
    }

    /// Returns how long it may still take, once there is something to go by.
    fn left(&self, now: Duration) -> Option<Duration> {
        let left = self.total.checked_sub(self.done).filter(|left| *left > 0)?;
        let is_known = self.done >= FEW && now >= Duration::from_secs(2);
        is_known.then(|| now.mul_f64(left as f64 / self.done as f64))
    }
}

fn name(id: &str, app: Option<&str>) -> String {
    app.map_or_else(|| id.to_owned(), |app| format!("{id}@{app}"))
}

fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds / 3600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

/// Back to the first column, and the line is empty (ECMA-48 EL).
const ERASE: &str = "\r\u{1b}[2K";
/// A line that wraps cannot be taken away, and few terminals are narrower.
const WIDTH: usize = 79;
const TICK: Duration = Duration::from_millis(500);
const LEAST_BETWEEN: Duration = Duration::from_millis(100);
const HEARTBEAT: Duration = Duration::from_secs(30);
const FEW: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(total: usize) -> Board {
        Board { total, has_begun: true, ..Board::default() }
    }

    fn starts(board: &mut Board, id: &str) {
        board.take(&Event::CaseStarted { id: id.to_owned(), app: None });
    }

    #[test]
    fn a_line_says_how_far_the_run_is_and_what_takes_so_long() {
        let mut board = begun(40);
        starts(&mut board, "okta/users/slow");
        starts(&mut board, "okta/users/quick");
        (board.done, board.failed) = (10, 2);
        let line = board.line(Duration::from_secs(30));
        assert_eq!(line, "10 of 40 cases · 2 failed · 0:30 · about 1:30 left · okta/users/slow and 1 more");
        assert_eq!(begun(40).line(Duration::from_secs(3725)), "0 of 40 cases · 1:02:05");
    }

    #[test]
    fn a_log_gets_a_line_every_thirty_seconds_and_none_before_or_after_the_run() {
        let mut board = Board::default();
        assert_eq!(board.heartbeat(Duration::from_secs(31)), None);
        let mut board = Board { has_begun: true, ..std::mem::take(&mut board) };
        let told: Vec<u64> = (0..100).filter(|at| board.heartbeat(Duration::from_secs(*at)).is_some()).collect();
        assert_eq!(told, [30, 60, 90]);
        board.is_over = true;
        assert_eq!(board.heartbeat(Duration::from_secs(200)), None);
    }

    #[test]
    fn a_line_changes_ten_times_a_second_at_most_and_is_no_wider_than_a_terminal() {
        let mut board = begun(40);
        starts(&mut board, &"long/".repeat(60));
        let drawn = (0..1000).filter(|at| board.due(Duration::from_millis(*at)).is_some()).count();
        assert_eq!(drawn, 10);
        let line = board.due(Duration::from_secs(9)).expect("a line");
        assert!(line.chars().count() <= WIDTH, "{line}");
    }

    #[test]
    fn what_was_taken_away_is_shown_again_at_once() {
        let mut board = begun(4);
        assert!(board.due(Duration::from_secs(1)).is_some());
        assert!(board.due(Duration::from_secs(1)).is_none());
        board.is_drawn = false;
        assert!(board.due(Duration::from_secs(1)).is_some());
    }
}
