import { runTool } from "./_run_tool.ts";

/** A self-signed certificate for 127.0.0.1 and localhost. */
export interface Certificate {
  /** PKCS #12 file with the key. */
  readonly keystore: string;
  readonly keystorePassword: string;
  /** The certificate as PEM. */
  readonly pem: string;
}

/** Makes a certificate in `dir` with the `keytool` that comes with Java. */
export async function makeCertificate(dir: string): Promise<Certificate> {
  const keystore = `${dir}/server.p12`;
  const keystorePassword = "changeit";
  const store = ["-keystore", keystore, "-storepass", keystorePassword, "-alias", "server"];
  const purpose = "make a certificate";
  const key = ["-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2"];
  const name = ["-dname", "CN=localhost", "-ext", "san=ip:127.0.0.1,dns:localhost"];
  await runTool(
    ["keytool", "-genkeypair", "-storetype", "PKCS12", ...key, ...name, ...store],
    { purpose },
  );
  const pem = await runTool(["keytool", "-exportcert", "-rfc", ...store], { purpose });
  return { keystore, keystorePassword, pem };
}
