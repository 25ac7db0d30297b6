"""botocore's CA bundle. Its data comes from build/prune.py, not as a whole (30 MB)."""

from PyInstaller.utils.hooks import collect_data_files

datas = collect_data_files("botocore", includes=["cacert.pem"])
