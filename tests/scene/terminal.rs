//! A pseudo-terminal (pty(7)): somebody sits at it, reads what it shows, and types.

use std::{
    fs::File,
    io::Write as _,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// How long a program may be silent before its test fails. Nothing is measured by it.
const PATIENCE: Duration = Duration::from_secs(120);

/// Ctrl-C, as a keyboard sends it.
pub const CTRL_C: &str = "\x03";

/// Ctrl-D.
pub const CTRL_D: &str = "\x04";

/// A program that runs on a terminal of its own.
pub struct Terminal {
    keyboard: File,
    screen: Receiver<Vec<u8>>,
    shown: String,
    program: Child,
}

impl Terminal {
    /// Starts a line of the shell. `command`: with the environment and the folder that it shall have.
    pub fn start(command: &Command, line: &str) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let theirs = ptsname(&ours, Vec::new()).unwrap();
        let theirs = File::options().read(true).write(true).open(theirs.to_str().unwrap()).unwrap();
        let stream = || Stdio::from(theirs.try_clone().unwrap());
        // setsid(1) makes it the terminal that Ctrl-C comes from.
        let mut started = Command::new("setsid");
        started.args(["--ctty", "sh", "-c", line]).env_clear().env("TERM", "xterm");
        started.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        started.current_dir(command.get_current_dir().unwrap());
        let program = started.stdin(stream()).stdout(stream()).stderr(stream()).spawn().unwrap();
        // As long as somebody holds their side, ours never ends.
        drop((started, theirs));
        let keyboard = File::from(ours);
        let screen = read(keyboard.try_clone().unwrap());
        Self { keyboard, screen, shown: String::new(), program }
    }

    /// Waits until the terminal shows this.
    pub fn until(mut self, words: &str) -> Self {
        while !self.shown.contains(words) {
            match self.screen.recv_timeout(PATIENCE) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("the terminal never showed {words:?}:\n{}", self.shown),
            }
        }
        self
    }

    /// Types.
    pub fn keys(mut self, keys: &str) -> Self {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self
    }

    /// Waits for the end. Gives all that was shown, with what was typed, and the exit status.
    pub fn end(mut self) -> (String, Option<i32>) {
        loop {
            match self.screen.recv_timeout(PATIENCE) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("it never ended:\n{}", self.shown),
            }
        }
        let status = self.program.wait().unwrap();
        (self.shown.replace("\r\n", "\n"), status.code())
    }
}

/// Reads until nobody has the terminal any more: Linux says EIO then.
fn read(mut terminal: impl std::io::Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count) = terminal.read(&mut bytes) {
            let Some(bytes) = bytes.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
            if send.send(bytes.to_vec()).is_err() {
                break;
            }
        }
    });
    receive
}
