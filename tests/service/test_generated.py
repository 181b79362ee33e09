"""Generated clips over HTTP: a real server, a tiny random model on the processor, workers that are killed."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.checkout import ROOT
from tests.service.conftest import Meet
from tests.service.person import Json, Person, words
from tests.service.server import Server, wait_for
from tests.service.wire import RENDER_WORKER
