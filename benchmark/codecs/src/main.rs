//! Size and time of each file under each codec, one a line: file, codec, bytes, and nanoseconds to compress and to
//! decompress.
//!
//!     cargo run --release -- ITERATIONS FILE...

use std::error::Error;
use std::hint::black_box;
use std::io::{Read, Write};
use std::time::Instant;

type Result<T> = std::result::Result<T, Box<dyn Error>>;
type Transform = fn(&[u8]) -> Result<Vec<u8>>;

/// Bytes that a decompressor may make: every candidate is bounded here as it would have to be in the gem.
const MOST: usize = 4 * 1024 * 1024;

const CODECS: [(&str, Transform, Transform); 7] = [
    ("flate2 1", |bytes| zlib(bytes, 1), unzlib),
    ("flate2 6", |bytes| zlib(bytes, 6), unzlib),
    ("zstd 1", |bytes| Ok(zstd::bulk::compress(bytes, 1)?), unzstd),
    ("zstd 3", |bytes| Ok(zstd::bulk::compress(bytes, 3)?), unzstd),
    ("brotli 1", |bytes| brotli(bytes, 1), unbrotli),
    ("brotli 5", |bytes| brotli(bytes, 5), unbrotli),
    (
        "lz4_flex",
        |bytes| Ok(lz4_flex::compress_prepend_size(bytes)),
        |bytes| Ok(lz4_flex::decompress_size_prepended(bytes)?),
    ),
];

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let iterations: u32 = arguments.next().ok_or("usage: codecs ITERATIONS FILE...")?.parse()?;
    for file in arguments {
        let bytes = std::fs::read(&file)?;
        for (name, compress, decompress) in CODECS {
            let compressed = compress(&bytes)?;
            assert_eq!(decompress(&compressed)?, bytes, "{name} does not give {file} back");
            let there = nanoseconds(iterations, || compress(&bytes))?;
            let back = nanoseconds(iterations, || decompress(&compressed))?;
            println!("{file}\t{name}\t{}\t{there}\t{back}", compressed.len());
        }
    }
    Ok(())
}

fn nanoseconds(iterations: u32, call: impl Fn() -> Result<Vec<u8>>) -> Result<u128> {
    let start = Instant::now();
    for _ in 0..iterations {
        black_box(call()?);
    }
    Ok(start.elapsed().as_nanos() / u128::from(iterations))
}

fn zlib(bytes: &[u8], level: u32) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(level));
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn unzlib(bytes: &[u8]) -> Result<Vec<u8>> {
    bounded(flate2::read::ZlibDecoder::new(bytes))
}

fn unzstd(bytes: &[u8]) -> Result<Vec<u8>> {
    bounded(zstd::stream::read::Decoder::new(bytes)?)
}

fn brotli(bytes: &[u8], quality: i32) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams { quality, size_hint: bytes.len(), ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters)?;
    Ok(compressed)
}

fn unbrotli(bytes: &[u8]) -> Result<Vec<u8>> {
    bounded(brotli::Decompressor::new(bytes, 4096))
}

fn bounded(reader: impl Read) -> Result<Vec<u8>> {
    let mut decompressed = Vec::new();
    reader.take(MOST as u64).read_to_end(&mut decompressed)?;
    Ok(decompressed)
}
