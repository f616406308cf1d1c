//! The command that `okta exec` runs: we end after it, however it ends, and what asks us to end asks it.

use std::io;
use std::process::{Command, ExitStatus};

#[cfg(unix)]
pub(super) use unix::see_through;

#[cfg(unix)]
mod unix {
    use super::{Command, ExitStatus, io};
    use std::future;
    use std::process::{Child, Stdio};
    use std::time::Duration;
    use tokio::signal::unix::{Signal, SignalKind, signal};
    use tokio::time::{Instant, sleep_until};

    /// Runs the command to its end. A request to end that reaches us alone is passed on, and the command killed where it
    /// takes no notice of it.
    pub(in super::super) async fn see_through(mut command: Command) -> io::Result<ExitStatus> {
        let mut news = News::listen()?;
        let mut child = command.spawn()?;
        let mut deadline = None;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            tokio::select! {
                request = news.next() => {
                    let Some(name) = request else { continue };
                    if !pass_on(name, &child) {
                        child.kill()?;
                    }
                    deadline = deadline.or(Some(Instant::now() + PATIENCE));
                }
                () = at(deadline) => {
                    child.kill()?;
                    deadline = None;
                }
            }
        }
    }

    /// What happens to us and to the command.
    struct News {
        interrupt: Signal,
        terminate: Signal,
        hang_up: Signal,
        ended: Signal,
    }

    impl News {
        fn listen() -> io::Result<News> {
            Ok(News {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hang_up: signal(SignalKind::hangup())?,
                ended: signal(SignalKind::child())?,
            })
        }

        /// Returns the name of the request that is to be passed on, if it is one.
        async fn next(&mut self) -> Option<&'static str> {
            tokio::select! {
                // Ctrl-C reaches the command as well; it decides how to end.
                _ = self.interrupt.recv() => None,
                _ = self.terminate.recv() => Some("TERM"),
                _ = self.hang_up.recv() => Some("HUP"),
                _ = self.ended.recv() => None,
            }
        }
    }

    /// Sends a signal to the command, by the shell, since the standard library sends none but the one that kills.
    fn pass_on(name: &str, child: &Child) -> bool {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("kill -{name} {}", child.id())]).stdin(Stdio::null()).stderr(Stdio::null());
        shell.status().is_ok_and(|status| status.success())
    }

    async fn at(deadline: Option<Instant>) {
        match deadline {
            Some(deadline) => sleep_until(deadline).await,
            None => future::pending().await,
        }
    }

    /// CI systems kill a job as a whole some ten seconds after they have asked it to end.
    const PATIENCE: Duration = Duration::from_secs(8);
}

/// Runs the command to its end. Ctrl-C reaches it as well; it decides how to end.
#[cfg(windows)]
pub(super) async fn see_through(mut command: Command) -> io::Result<ExitStatus> {
    tokio::spawn(async { while tokio::signal::ctrl_c().await.is_ok() {} });
    tokio::task::spawn_blocking(move || command.status()).await.map_err(io::Error::other)?
}
