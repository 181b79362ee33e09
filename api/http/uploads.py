"""Files from clients: multipart or by URL."""

from fastapi import APIRouter

router = APIRouter(tags=["uploads"])
