fn main() -> Result<(), Box<dyn std::error::Error>> {
    unsafe { std::env::set_var("PROTOC", protoc_bin_vendored::protoc_bin_path()?) };
    let files = ["channel", "conversation", "subscription"].map(|name| format!("proto/manyvox/v1/{name}.proto"));
    tonic_prost_build::configure().build_server(false).compile_protos(&files, &["proto".into()])?;
    Ok(())
}
