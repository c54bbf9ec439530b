//! A pinned moto server: AWS as far as a loopback port goes.
//!
//! The server lives in a virtual environment under the target folder, which the first test sets up. Each server listens
//! on a port of its own and ends with its test.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

const REQUIREMENTS: &str = include_str!("requirements.txt");
const SEED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/seed.py");

/// A running server.
pub struct Moto {
    child: Child,
    pub port: u16,
}

impl Moto {
    pub fn start() -> Self {
        let python = python();
        // Another process may take a free port between asking and using it; then the next one will do.
        for _ in 0..10 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let child = Command::new(python)
                .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()])
                .env("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
                .env("PYTHONDONTWRITEBYTECODE", "1")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("the server of the virtual environment starts");
            let mut server = Self { child, port };
            if server.is_ready() {
                return server;
            }
        }
        panic!("moto did not start on ten ports");
    }

    /// Waits until the server answers. It imports all of boto first, so it takes seconds.
    fn is_ready(&mut self) -> bool {
        let end = Instant::now() + Duration::from_mins(2);
        while Instant::now() < end {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
                let mut answer = String::new();
                let _ = stream.write_all(b"GET /moto-api/ HTTP/1.0\r\n\r\n");
                let _ = stream.set_read_timeout(Some(Duration::from_secs(30)));
                if stream.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.") {
                    return true;
                }
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Fills the server by a part of `seed.py` and returns what that says about what it made.
    pub fn seed(&self, part: &str) -> serde_json::Value {
        let output = Command::new(python())
            .args([SEED, &self.endpoint(), part])
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .expect("python runs");
        assert!(
            output.status.success(),
            "seed.py {part}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).expect("seed.py prints JSON")
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Python of the virtual environment, which is made once.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| environment(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("moto-venv")))
}

fn environment(folder: &Path) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    // Several test processes may come here at once.
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = folder.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|text| text == REQUIREMENTS) && python.exists() {
        return python;
    }
    let requirements = folder.join("requirements.txt");
    fs::write(&requirements, REQUIREMENTS).unwrap();
    let need = "the AWS tests need Python 3.9 or newer with venv and pip: install `python3` and `python3-venv`";
    let run = |program: &Path, args: &[&str]| match Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
    {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!(
            "{need} ({}: {})",
            args.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => panic!("{need}"),
        Err(error) => panic!("{need} ({error})"),
    };
    let system = Path::new(if cfg!(windows) { "python" } else { "python3" });
    run(system, &["-m", "venv", &folder.display().to_string()]);
    let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
    let file = requirements.display().to_string();
    run(&python, &[&quiet[..], &[file.as_str()]].concat());
    fs::write(&stamp, REQUIREMENTS).unwrap();
    python
}

/// What a proxy does to a request instead of passing it on.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// Refused as for want of permission.
    Denied,
    /// Refused as for asking too often.
    Throttled,
    /// Never answered.
    Silent,
    /// Answered with this body, for what the server does not know.
    Answer(&'static str),
}

/// Stands between a collector and a server and spoils what it is told to.
pub struct Proxy {
    pub port: u16,
    log: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// `fault` sees the operation and the whole request, which holds ARNs and the like in clear or encoded for URLs.
    pub fn start(
        moto: &Moto,
        fault: impl Fn(&str, &str) -> Option<Fault> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (to, fault, log_of_threads) = (moto.port, Arc::new(fault), Arc::clone(&log));
        // The thread waits for connections until the test process ends.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (fault, log) = (Arc::clone(&fault), Arc::clone(&log_of_threads));
                std::thread::spawn(move || {
                    let _ = pass(stream, to, &*fault, &log);
                });
            }
        });
        Self { port, log }
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The operations that came, in order.
    pub fn operations(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

fn pass(
    mut stream: TcpStream,
    to: u16,
    fault: &(dyn Fn(&str, &str) -> Option<Fault> + Send + Sync),
    log: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut head, mut length) = (String::new(), 0_usize);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line == "\r\n" {
            break;
        }
        if !lower.starts_with("connection:") {
            head.push_str(&line);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let text = format!("{head}\r\n{}", String::from_utf8_lossy(&body));
    let operation = operation(&text);
    log.lock().unwrap().push(operation.clone());
    let answer = match fault(&operation, &text) {
        Some(Fault::Denied) => {
            refusal(&text, 403, "UnauthorizedOperation", "AccessDeniedException", "AccessDenied")
        }
        Some(Fault::Throttled) => {
            refusal(&text, 503, "RequestLimitExceeded", "ThrottlingException", "Throttling")
        }
        Some(Fault::Answer(body)) => {
            let kind = if body.starts_with('<') { "text/xml" } else { "application/json" };
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n");
            format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
        }
        Some(Fault::Silent) => {
            std::thread::sleep(Duration::from_mins(10));
            return Ok(());
        }
        None => {
            let mut server = TcpStream::connect(("127.0.0.1", to))?;
            server.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
            server.write_all(&body)?;
            let mut answer = Vec::new();
            server.read_to_end(&mut answer)?;
            answer
        }
    };
    stream.write_all(&answer)?;
    stream.flush()
}

/// The operation of a request of the query or of a JSON protocol; the path for the others.
fn operation(text: &str) -> String {
    let of_query =
        text.split("Action=").nth(1).and_then(|rest| rest.split(['&', '\r', '\n', ' ']).next());
    let of_json = || {
        let line =
            text.lines().find(|line| line.to_ascii_lowercase().starts_with("x-amz-target:"))?;
        line.rsplit('.').next().map(str::trim)
    };
    of_query.or_else(of_json).unwrap_or_else(|| text.split(' ').nth(1).unwrap_or("?")).to_owned()
}

/// An error as EC2, as a JSON service, or as another query service writes it.
fn refusal(text: &str, status: u16, ec2: &str, json: &str, query: &str) -> Vec<u8> {
    let is_json = text.to_ascii_lowercase().contains("x-amz-target:");
    let (kind, body) = if is_json {
        ("application/x-amz-json-1.1", format!(r#"{{"__type":"{json}","message":"no"}}"#))
    } else if text.contains("Version=2016-11-15") {
        let error = format!("<Error><Code>{ec2}</Code><Message>no</Message></Error>");
        (
            "text/xml",
            format!("<Response><Errors>{error}</Errors><RequestID>r</RequestID></Response>"),
        )
    } else {
        let error =
            format!("<Error><Type>Sender</Type><Code>{query}</Code><Message>no</Message></Error>");
        ("text/xml", format!("<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>"))
    };
    let status = if is_json && status == 403 { 400 } else { status };
    format!(
        "HTTP/1.1 {status} no\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
