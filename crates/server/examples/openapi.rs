//! Prints the API's description: `cargo run --example openapi > apps/console/openapi.json`, from which the console's types are made.

fn main() -> Result<(), serde_json::Error> {
    println!("{}", serde_json::to_string_pretty(&server::openapi())?);
    Ok(())
}
