# LocalStack's KMS names keys by `uuid5` of bytes, which Python takes from 3.12 on: with 3.11 it could make no key.
import sys
import uuid

if sys.version_info < (3, 12):
    _uuid5 = uuid.uuid5
    uuid.uuid5 = lambda namespace, name: _uuid5(namespace, name if isinstance(name, str) else name.decode("latin-1"))
