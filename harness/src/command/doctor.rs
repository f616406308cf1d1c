//! `rehearsal doctor`: says which link between here and the service provider is broken.

use super::oauth::SignIn;
use super::test::connect;
use super::{Failure, connection, credentials, runtime};
use crate::cli::Doctor;
use crate::doctor::{self, Diagnosis, Mark};
use crate::exit::Exit;
use crate::names::Seed;
use crate::oauth::SignInError;
use scim_transport::Credentials;
use std::io::{self, Write};

/// Looks at every link and prints a line for each.
pub(super) fn execute(arguments: &Doctor) -> Result<Exit, Failure> {
    let base_url = arguments.base_url.as_deref();
    let base_url = base_url.ok_or_else(|| Failure::Usage("say which base URL to look at".to_owned()))?;
    let target = connection::target(base_url, &arguments.tls)?;
    let runtime = runtime()?;
    let (mut trouble, mut worst) = (None, Mark::Fine);
    let mut tell = |diagnosis: &Diagnosis| {
        worst = worst.max(diagnosis.mark);
        if let Err(cause) = print(diagnosis) {
            trouble.get_or_insert(cause);
        }
    };
    let credentials = match SignIn::read(&arguments.auth.oauth, &target)? {
        Some(sign_in) => runtime.block_on(signed_in(&sign_in, &mut tell))?,
        None => Some(credentials::resolve(&arguments.auth, &target)?),
    };
    if let Some(credentials) = credentials {
        let line = connect(arguments.scim.into(), target, credentials, arguments.timeout, Seed::random().run_id())?;
        runtime.block_on(doctor::examine(&line, &mut tell));
    }
    match trouble {
        Some(cause) => Err(Failure::local("the findings cannot be printed")(cause)),
        None if worst == Mark::Broken => Ok(Exit::Target),
        None => Ok(Exit::Passed),
    }
}

/// Looks at the authorization server and signs in there; without credentials nothing behind it can be looked at.
async fn signed_in(sign_in: &SignIn, tell: &mut dyn FnMut(&Diagnosis)) -> Result<Option<Credentials>, Failure> {
    if let Some(authorize) = &sign_in.authorize {
        tell(&doctor::oauth::redirects(&sign_in.client, authorize).await);
    }
    let session = match sign_in.session().await {
        Err(cause @ SignInError::Listen { .. }) => return Err(cause.into()),
        session => session,
    };
    doctor::oauth::signed_in(&session, sign_in.client.method()).iter().for_each(tell);
    Ok(session.ok().map(|session| Credentials::Renewed(session.tokens)))
}

fn print(diagnosis: &Diagnosis) -> io::Result<()> {
    let Diagnosis { link, mark, text, remedy } = diagnosis;
    let text = rehearsal_reports::harmless(text);
    let mark = match mark {
        Mark::Fine => "ok",
        Mark::Doubtful => "warn",
        Mark::Broken => "bad",
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{mark:<5} {link:<12} {text}")?;
    if let Some(remedy) = remedy {
        writeln!(out, "      {:<12} {remedy}", "→")?;
    }
    out.flush()
}
