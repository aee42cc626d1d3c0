//! The embedded engine behind HTTP, for benchmarks: an engine in another process that costs little itself.
//!
//! `engine_server [ENDPOINT [DELAY]]` prints the address that it listens on, on a free port of this machine. Each of its
//! answers takes DELAY milliseconds longer, as over a network.

use session_store_core::{Engines, Transport};
use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let endpoint = arguments.next().unwrap_or_else(|| "embedded".to_owned());
    let delay = arguments.next().map(|text| text.parse()).transpose().map_err(std::io::Error::other)?;
    let delay = Duration::from_millis(delay.unwrap_or_default());
    let engine = match Engines::default().open(Some(&endpoint)) {
        Ok(Some(engine)) => engine,
        other => return Err(std::io::Error::other(format!("{endpoint} is no embedded engine: {other:?}"))),
    };
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}", listener.local_addr()?);
    for connection in listener.incoming() {
        let (connection, engine) = (connection?, Arc::clone(&engine));
        std::thread::spawn(move || serve(connection, engine, delay));
    }
    Ok(())
}

fn serve(connection: TcpStream, engine: Arc<dyn Transport>, delay: Duration) -> Result<()> {
    connection.set_nodelay(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut reader = BufReader::new(connection);
    while let Some((operation, body)) = request(&mut reader)? {
        let (status, answer) = match runtime.block_on(engine.answer(operation, body)) {
            Ok(reply) => (reply.status, reply.body),
            Err(message) => (500, message),
        };
        std::thread::sleep(delay);
        let head = format!(
            "HTTP/1.1 {status} answer\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        reader.get_mut().write_all(&[head.as_bytes(), answer.as_bytes()].concat())?;
    }
    Ok(())
}

fn request(reader: &mut BufReader<TcpStream>) -> Result<Option<(String, String)>> {
    let (mut operation, mut length) = (String::new(), 0);
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().unwrap_or_default();
            }
            Some((name, value)) if name.eq_ignore_ascii_case("x-amz-target") => {
                operation = value.split('.').next_back().unwrap_or_default().to_owned();
            }
            Some(_) => {}
            None if line.trim_end().is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some((operation, String::from_utf8_lossy(&body).into_owned())))
}
