// What `navigator.credentials` takes and gives, from and to the JSON of WebAuthn level 3. Browsers
// have this built in by now; those of shared PCs may be some years old.

type Json = Record<string, unknown>;

function bytes(text: string): ArrayBuffer {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0)).buffer;
}

function text(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

type Known = { readonly id: string; readonly type: "public-key" };

function descriptors(known: unknown): PublicKeyCredentialDescriptor[] {
  return ((known ?? []) as Known[]).map(({ id, type }) => ({ id: bytes(id), type }));
}

/** Whether this page may ask a key at all: over HTTPS or at localhost, in a browser that can. */
export function canAskKeys(): boolean {
  return window.isSecureContext && typeof PublicKeyCredential !== "undefined";
}

async function created(options: Json): Promise<Json> {
  const user = options["user"] as { id: string; name: string; displayName: string };
  const publicKey = {
    ...(options as unknown as PublicKeyCredentialCreationOptions),
    challenge: bytes(options["challenge"] as string),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: descriptors(options["excludeCredentials"]),
  };
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return answer(made, {
    clientDataJSON: text(response.clientDataJSON),
    attestationObject: text(response.attestationObject),
  });
}

async function confirmed(options: Json): Promise<Json> {
  const publicKey = {
    ...(options as unknown as PublicKeyCredentialRequestOptions),
    challenge: bytes(options["challenge"] as string),
    allowCredentials: descriptors(options["allowCredentials"]),
  };
  const given = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const response = given.response as AuthenticatorAssertionResponse;
  return answer(given, {
    clientDataJSON: text(response.clientDataJSON),
    authenticatorData: text(response.authenticatorData),
    signature: text(response.signature),
  });
}

function answer(credential: PublicKeyCredential, response: Json): Json {
  const { id, type } = credential;
  return { id, rawId: text(credential.rawId), type, response };
}

/** The key's answer to the desk's question; rejects when nobody touched it, or it was the wrong one. */
export function askKey(question: { create: boolean; options: Json }): Promise<Json> {
  return question.create ? created(question.options) : confirmed(question.options);
}
